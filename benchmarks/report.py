"""How long a report takes, part by part: `python -m benchmarks.report EXPORT`.

Set OMP_NUM_THREADS=1 for figures that other machines can be compared by.
"""

import sys
import tempfile
import time
from pathlib import Path

from analysis.report import NoPdf, print_pdf, write_report


def main() -> None:
    """Write the report to a temporary folder, and print the seconds of each part."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.report EXPORT")
    clock = [(time.perf_counter(), time.process_time(), "")]

    def tell(words: str) -> None:
        before, worked, told = clock[-1]
        clock.append((time.perf_counter(), time.process_time(), words or told))
        if told:
            print(f"{clock[-1][0] - before:7.2f} {clock[-1][1] - worked:9.2f}  {told}")

    print("seconds  processor  part")
    with tempfile.TemporaryDirectory() as out:
        write_report(Path(sys.argv[1]), Path(out), progress=tell)
        tell("printing the PDF")
        try:
            print_pdf(Path(out) / "report.html", Path(out) / "report.pdf")
        except NoPdf as error:
            print(error)
        tell("")
    print(f"{clock[-1][0] - clock[0][0]:7.2f} {clock[-1][1] - clock[0][1]:9.2f}  all")


if __name__ == "__main__":
    main()
