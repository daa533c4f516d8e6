"""Mixed models with crossed random effects, on numpy and scipy alone.

`formula` reads lme4's notation; `coding`, `design`, `outcomes` and `problem` join it to a table.
`structure` and `factorisation` are the linear algebra, `families` the distributions. `laplace` and
`linear` give the deviance with its exact gradient, `starts` and `search` its minimum, `separation`
says where there is none. `fitting` is the way through all of them to a `fits.Fit`, which
`hypotheses`, `margins`, `bootstrap` and `tables` ask.
"""
