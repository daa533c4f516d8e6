"""Works that the methods text cites, by a short key, in APA's form."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """A work, as it is cited in a sentence and listed."""

    cited: str
    listed: str


REFERENCES: Mapping[str, Reference] = {
    "consort": Reference(
        "Hopewell et al., 2025",
        "Hopewell, S., Chan, A.-W., Collins, G. S., et al. (2025). CONSORT 2025 statement: "
        "Updated guideline for reporting randomised trials. PLOS Medicine, 22, e1004587.",
    ),
    "blocks": Reference(
        "Matts & Lachin, 1988",
        "Matts, J. P., & Lachin, J. M. (1988). Properties of permuted-block randomization in "
        "clinical trials. Controlled Clinical Trials, 9, 327–344.",
    ),
    "carry_over": Reference(
        "Williams, 1949",
        "Williams, E. J. (1949). Experimental designs balanced for the estimation of residual "
        "effects of treatments. Australian Journal of Scientific Research A, 2, 149–168.",
    ),
    "urn": Reference(
        "Wei, 1978",
        "Wei, L. J. (1978). An application of an urn model to the design of sequential "
        "controlled clinical trials. Journal of the American Statistical Association, 73, "
        "559–563.",
    ),
    "minimisation": Reference(
        "Pocock & Simon, 1975",
        "Pocock, S. J., & Simon, R. (1975). Sequential treatment assignment with balancing for "
        "prognostic factors in the controlled clinical trial. Biometrics, 31, 103–115.",
    ),
    "crossed": Reference(
        "Baayen et al., 2008",
        "Baayen, R. H., Davidson, D. J., & Bates, D. M. (2008). Mixed-effects modeling with "
        "crossed random effects for subjects and items. Journal of Memory and Language, 59, "
        "390–412.",
    ),
    "logit": Reference(
        "Jaeger, 2008",
        "Jaeger, T. F. (2008). Categorical data analysis: Away from ANOVAs (transformation or"
        " not) and towards logit mixed models. Journal of Memory and Language, 59, 434–446.",
    ),
    "lme4": Reference(
        "Bates et al., 2015",
        "Bates, D., Mächler, M., Bolker, B., & Walker, S. (2015). Fitting linear mixed-"
        "effects models using lme4. Journal of Statistical Software, 67(1), 1–48.",
    ),
    "maximal": Reference(
        "Barr et al., 2013",
        "Barr, D. J., Levy, R., Scheepers, C., & Tily, H. J. (2013). Random effects structure"
        " for confirmatory hypothesis testing: Keep it maximal. Journal of Memory and "
        "Language, 68, 255–278.",
    ),
    "satterthwaite": Reference(
        "Satterthwaite, 1946",
        "Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance "
        "components. Biometrics Bulletin, 2, 110–114.",
    ),
    "holm": Reference(
        "Holm, 1979",
        "Holm, S. (1979). A simple sequentially rejective multiple test procedure. "
        "Scandinavian Journal of Statistics, 6, 65–70.",
    ),
    "two_way": Reference(
        "Cameron et al., 2011",
        "Cameron, A. C., Gelbach, J. B., & Miller, D. L. (2011). Robust inference with "
        "multiway clustering. Journal of Business & Economic Statistics, 29, 238–249.",
    ),
    "gee": Reference(
        "Liang & Zeger, 1986",
        "Liang, K.-Y., & Zeger, S. L. (1986). Longitudinal data analysis using generalized "
        "linear models. Biometrika, 73, 13–22.",
    ),
    "bias_reduced": Reference(
        "Mancl & DeRouen, 2001",
        "Mancl, L. A., & DeRouen, T. A. (2001). A covariance estimator for GEE with improved "
        "small-sample properties. Biometrics, 57, 126–134.",
    ),
    "welch": Reference(
        "Welch, 1947",
        "Welch, B. L. (1947). The generalization of “Student’s” problem when several "
        "different population variances are involved. Biometrika, 34, 28–35.",
    ),
    "permutation": Reference(
        "Phipson & Smyth, 2010",
        "Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero: "
        "Calculating exact p-values when permutations are randomly drawn. Statistical "
        "Applications in Genetics and Molecular Biology, 9, Article 39.",
    ),
    "tost": Reference(
        "Schuirmann, 1987",
        "Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the "
        "power approach for assessing the equivalence of average bioavailability. Journal of "
        "Pharmacokinetics and Biopharmaceutics, 15, 657–680.",
    ),
    "looks": Reference(
        "Lan & DeMets, 1983",
        "Lan, K. K. G., & DeMets, D. L. (1983). Discrete sequential boundaries for clinical "
        "trials. Biometrika, 70, 659–663.",
    ),
    "holm_looks": Reference(
        "Ye, Li, Liu, & Yao, 2013",
        "Ye, Y., Li, A., Liu, L., & Yao, B. (2013). A group sequential Holm procedure with "
        "multiple primary endpoints. Statistics in Medicine, 32, 1112–1124.",
    ),
    "repeated": Reference(
        "Jennison & Turnbull, 1989",
        "Jennison, C., & Turnbull, B. W. (1989). Interim analyses: The repeated confidence "
        "interval approach. Journal of the Royal Statistical Society B, 51, 305–361.",
    ),
    "ordinal": Reference(
        "Hedeker & Gibbons, 1994",
        "Hedeker, D., & Gibbons, R. D. (1994). A random-effects ordinal regression model for "
        "multilevel analysis. Biometrics, 50, 933–944.",
    ),
    "signal_detection": Reference(
        "DeCarlo, 1998",
        "DeCarlo, L. T. (1998). Signal detection theory and generalized linear models. "
        "Psychological Methods, 3, 186–205.",
    ),
    "gradcam": Reference(
        "Selvaraju et al., 2017",
        "Selvaraju, R. R., Cogswell, M., Das, A., Vedantam, R., Parikh, D., & Batra, D. "
        "(2017). Grad-CAM: Visual explanations from deep networks via gradient-based "
        "localization. ICCV.",
    ),
    "igos": Reference(
        "Qi et al., 2020",
        "Qi, Z., Khorram, S., & Li, F. (2020). Visualizing deep networks by optimizing with "
        "integrated gradients. AAAI.",
    ),
    "igospp": Reference(
        "Khorram et al., 2021",
        "Khorram, S., Lawson, T., & Li, F. (2021). iGOS++: Integrated gradient optimized "
        "saliency by bilateral perturbations. CHIL.",
    ),
    "mask": Reference(
        "Fong & Vedaldi, 2017",
        "Fong, R. C., & Vedaldi, A. (2017). Interpretable explanations of black boxes by "
        "meaningful perturbation. ICCV.",
    ),
    "rise": Reference(
        "Petsiuk et al., 2018",
        "Petsiuk, V., Das, A., & Saenko, K. (2018). RISE: Randomized input sampling for "
        "explanation of black-box models. BMVC.",
    ),
    "occlusion": Reference(
        "Zeiler & Fergus, 2014",
        "Zeiler, M. D., & Fergus, R. (2014). Visualizing and understanding convolutional "
        "networks. ECCV.",
    ),
    "excitation": Reference(
        "Zhang et al., 2016",
        "Zhang, J., Lin, Z., Brandt, J., Shen, X., & Sclaroff, S. (2016). Top-down neural "
        "attention by excitation backprop. ECCV.",
    ),
    "integrated_gradients": Reference(
        "Sundararajan et al., 2017",
        "Sundararajan, M., Taly, A., & Yan, Q. (2017). Axiomatic attribution for deep "
        "networks. ICML.",
    ),
    "smoothgrad": Reference(
        "Smilkov et al., 2017",
        "Smilkov, D., Thorat, N., Kim, B., Viégas, F., & Wattenberg, M. (2017). SmoothGrad: "
        "Removing noise by adding noise. arXiv:1706.03825.",
    ),
    "sag": Reference(
        "Shitole et al., 2021",
        "Shitole, V., Li, F., Kahng, M., Tadepalli, P., & Fern, A. (2021). One explanation is"
        " not enough: Structured attention graphs for image classification. NeurIPS.",
    ),
    "xnn": Reference(
        "Qi et al., 2021",
        "Qi, Z., Khorram, S., & Li, F. (2021). Embedding deep networks into visual "
        "explanations. Artificial Intelligence, 292, 103435.",
    ),
    "larus": Reference(
        "Li et al., 2021",
        "Li, F., Qi, Z., Khorram, S., Shitole, V., Tadepalli, P., Kahng, M., & Fern, A. "
        "(2021). From heatmaps to structural explanations of image classifiers. Applied AI "
        "Letters.",
    ),
}


class Citations:
    """Cites works and remembers which, so that the list holds those and no other."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def cite(self, *keys: str) -> str:
        """Return the citation in brackets, with a space in front."""
        self._keys |= set(keys)
        return f" ({'; '.join(sorted(REFERENCES[key].cited for key in keys))})"

    def listed(self) -> list[str]:
        """Return the works cited so far, by author."""
        return sorted(REFERENCES[key].listed for key in self._keys)
