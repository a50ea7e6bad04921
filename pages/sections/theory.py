"""The theory beside the stops of the tour, in a few lines each."""

THEORY = {
    "scratch": (
        "Cost and backpropagation",
        (
            (
                "The cost is the **cross-entropy**: how surprised the network is by the true category. "
                "Softmax makes probabilities of its last outputs.",
                r"L=-\frac1N\sum_{n=1}^N \ln p_{n,y_n}",
                r"p_{n,c}=\frac{e^{z_{n,c}}}{\sum_k e^{z_{n,k}}}",
            ),
            (
                "**Backpropagation** is the chain rule, from the last layer to the first. At the outputs "
                "the error is what was said less what is true; each layer hands it down.",
                r"\delta^{\text{last}}_c=p_c-[c=y]",
                r"\delta^{l-1}=\big(W^{l}\big)^{\!\top}\delta^{l}\odot f'(a^{l-1})",
            ),
            (
                "Here a layer puts out h = f(a), where a is W times what comes in and f its activation; "
                "[c = y] is 1 for the true category and 0 for the others.",
            ),
            (
                "Each weight then takes a small step, of the learning rate η, against its gradient. "
                "(Adam divides it by how large "
                "that weight's gradients have been.)",
                r"\frac{\partial L}{\partial W^{l}}=\delta^{l}\big(h^{l-1}\big)^{\!\top}",
                r"w\leftarrow w-\eta\,\frac{\partial L}{\partial w}",
            ),
        ),
    ),
    "convolution": (
        "Convolution",
        (
            (
                "One small filter looks at every place of the drawing in the same way. ReLU cuts what is "
                "below 0; pooling then keeps the largest of each 2 x 2.",
                r"a_{ijk}=b_k+\sum_{c}\sum_{u,v=-1}^{1} w_{uvck}\,x_{i+u,\,j+v,\,c}",
                r"h_{ijk}=\max(a_{ijk},\,0)",
            ),
            (
                "Few weights serve many places. The first layer of 16 filters, 3 x 3 on one channel:",
                r"(3\cdot 3\cdot 1+1)\cdot 16=160",
            ),
        ),
    ),
    "table": (
        "Two measures",
        (
            (
                "**Top-1** is the share of drawings whose largest output is the true category's.",
                r"\frac1N\sum_n\big[\operatorname{argmax}_c p_{n,c}=y_n\big]",
            ),
            (
                "**Binary accuracy** is the share of all outputs on the right side of a half. Of C outputs "
                "C - 1 should be below it anyway, so an empty answer scores (C - 1) / C.",
                r"\frac1{NC}\sum_{n,c}\big[(p_{n,c}>\tfrac12)=(c=y_n)\big]",
            ),
        ),
    ),
    "norm": (
        "Batch normalisation",
        (
            (
                "Each channel is brought to mean 0 and spread 1, then scaled and moved by two numbers that "
                "are learned (Ioffe and Szegedy 2015).",
                r"y=\gamma\,\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta",
            ),
            (
                "In training the mean and the variance are the batch's; in use they are averages kept from "
                "training. A **frozen** base should use its kept ones throughout: else the head learns on "
                "features that it never meets again.",
                r"\mu=\tfrac1N\sum_n x_n\quad\text{or}\quad\mu=\bar\mu_{\text{kept}}",
            ),
        ),
    ),
    "elbo": (
        "The evidence lower bound (ELBO)",
        (
            (
                "How probable a drawing is cannot be computed, but it can be bounded from below. The loss is "
                "that bound with its sign turned: what is lost in **reconstruction**, and how far the "
                "encoder's answer is from the prior, the **KL divergence**.",
                r"\ln p(x)\;\ge\;\mathbb E_{q(z|x)}\big[\ln p(x|z)\big]-D_{\mathrm{KL}}",
                r"D_{\mathrm{KL}}=D_{\mathrm{KL}}\big(q(z|x)\,\|\,p(z)\big)",
            ),
            (
                "Both are normal distributions, so the divergence is a sum over the dimensions. One that the "
                "decoder ignores costs nothing at mean 0 and spread 1: it is dead.",
                r"D_{\mathrm{KL}}=\tfrac12\sum_d\big(\mu_d^2+\sigma_d^2-1-\ln\sigma_d^2\big)",
            ),
        ),
    ),
    "people": (
        "Wilson's interval",
        (
            (
                "Which shares are compatible with k right of n? The more drawings, the fewer. "
                "For 95 % z is 1.96.",
                r"\frac{\hat p+\frac{z^2}{2n}\pm z\sqrt{\frac{\hat p(1-\hat p)}{n}+\frac{z^2}{4n^2}}}{1+\frac{z^2}{n}}",
                r"\hat p=\frac kn",
            ),
        ),
    ),
}
"""{stop: (title, ((words, formula, ...), ...))}. A formula must fit a phone's width."""
