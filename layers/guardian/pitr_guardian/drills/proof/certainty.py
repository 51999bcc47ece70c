"""What a sample proves of the whole, in the words and numbers of statistics.

Where n items that were drawn at random were all found right, the share of wrong ones in the whole
is at most p with 95 % confidence, p being where drawing n right ones has a chance of 5 %:
(1 - p) ** n = 0.05. That is about 3 / n, the rule of three (Hanley and Lippman-Hand, "If nothing
goes wrong, is everything all right?", JAMA 249, 1983).
"""

CONFIDENCE = 0.95


def at_most_wrong(right: int, *, all_of_them: bool = False) -> float:
    """The largest share of wrong items that so many right ones leave possible, 0 to 1.

    Args:
        right: how many were drawn, all of them right.
        all_of_them: whether there were no others.
    """
    if all_of_them:
        return 0.0
    return 1.0 if right == 0 else 1 - (1 - CONFIDENCE) ** (1 / right)


def proves(right: int, *, all_of_them: bool = False) -> str:
    """Say it in a sentence; arguments as above."""
    if all_of_them:
        return f"Every item was compared, {right:,} of {right:,} right: none is wrong."
    if right == 0:
        return "No item was compared: nothing is proved."
    share = _per_cent(at_most_wrong(right))
    return (
        f"{right:,} of {right:,} items drawn at random were right: with 95 % confidence, at most "
        f"{share} % of all items are wrong."
    )


def _per_cent(share: float) -> str:
    """Rounded up to two figures: a bound must not be told as less than it is."""
    per_cent = share * 100
    places = 0 if per_cent >= 10 else 1 if per_cent >= 1 else 2 if per_cent >= 0.1 else 3
    step = 10**-places
    rounded = -(-per_cent // step) * step
    return f"{min(rounded, 100):.{places}f}"
