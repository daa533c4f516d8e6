"""Power by simulation, from the protocol itself.

`design` plans sessions with the code that plans real ones, `assumptions` turns accuracies into
logits, `simulation` draws the answers of a study at once, `runs` repeats it by
`effects.confirmatory` and keeps what is done, `detectable` reads the smallest effect off the curve,
`records` writes it all down and `figure` draws it.
"""
