"""The bar of the first day: from a town's extract to a covered drill in under a minute."""

from __future__ import annotations

import os
from pathlib import Path

from scripts.lib.bootstrap import ROOT
from tests.scripts.first_drill import MOST_S, FirstDrill, cpu_s

EXTRACT = "DOORSTEP_EXTRACT"
"""Names another town to try than the one that lies in the repository."""


def test_from_an_extract_to_a_covered_drill(tmp_path: Path) -> None:
    before_s = cpu_s()
    drill = FirstDrill(Path(os.environ.get(EXTRACT) or ROOT / "demo" / "helsinki.osm.pbf"), tmp_path)
    drill.run()
    # Other tests share this machine, so what is held here is the work; `python -m tests.scripts.first_drill` times the whole.
    assert cpu_s() - before_s < MOST_S, drill.seconds
