"""The README's table of models, made from their cards, so that no figure in it is typed."""

from __future__ import annotations

from collections.abc import Sequence

from restore.zoo import Card

_MEASURED = ("sigma 15", "sigma 25", "sigma 50", "25 blind", "pairs, blind")


def models_table(cards: Sequence[Card]) -> str:
    """Markdown."""
    heads = ["model", "parameters", "GMAC/MP", "sigma 15", "25", "50", "25 blind", "real noise"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for card in cards:
        psnr = card.metrics.get("psnr_db", {})
        cells = [
            card.name,
            f"{card.parameters / 1e6:.2f} M",
            f"{card.gmac_per_megapixel:.0f}",
            *(f"{psnr[name]:.2f}" if name in psnr else "-" for name in _MEASURED),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
