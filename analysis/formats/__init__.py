"""An export in the formats of others: Psych-DS, BIDS and jsPsych.

`write` makes a folder in one of them, `long_table` joins what some of them want joined, and
`psychds_rules` checks a Psych-DS folder, whoever made it.
"""
