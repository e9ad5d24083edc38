"""`python -m tests.faults --scripts 50 --seed 1`: play that many scripts, the first of them drawn from the seed, the
next from the seed after. Prints each script's verdict and the tally, and writes var/faults.json."""

from __future__ import annotations

import argparse
import secrets
import shutil
import signal
import sys
import time
from pathlib import Path

from tests.faults.drawing import Drawing, Script
from tests.faults.judging import Judge, facts_of
from tests.faults.stage import Stage
from tests.faults.tally import Tally
from tests.support.run import scratch_folder


def main() -> int:
    arguments = _arguments()
    # Asked to end, it ends what it has started and clears up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    state = scratch_folder()
    seeds = arguments.seed
    if len(seeds) == 1:
        seeds = range(seeds[0], seeds[0] + arguments.scripts)
    tally = Tally(seeds[0])
    print(f"Scripts from seed {seeds[0]} to {seeds[-1]}", flush=True)
    try:
        with Stage(state) as stage:
            import django

            django.setup()
            for seed in seeds:
                _play(stage, Drawing(seed).script(), tally, is_talkative=arguments.verbose)
    finally:
        if arguments.keep:
            print(f"Logs are in {state}")
        else:
            shutil.rmtree(state, ignore_errors=True)
    tally.write(Path(arguments.json))
    print(f"{tally}\nWritten to {arguments.json}")
    return 0 if tally.is_good else 1


def _play(stage: Stage, script: Script, tally: Tally, *, is_talkative: bool) -> None:
    from tests.faults.playing import Play, UnsettledError

    began = time.monotonic()
    play = Play(stage, script)
    if is_talkative:
        print(*script.steps, sep="\n")
    try:
        play.run()
        unsettled = ""
    except UnsettledError as error:
        unsettled = str(error)
    verdict = Judge(play.audiences.values(), facts_of(stage, play)).judge()
    if unsettled:
        verdict.complaints.insert(0, unsettled)
    tally.add(script.seed, verdict)
    counts = ", ".join(f"{value} {name}" for name, value in sorted(verdict.counts.items()) if value)
    calm = "" if verdict.is_calm else ", rough"
    if stage.ended:
        calm += f", {' and '.join(stage.ended)} ended by themselves"
    print(
        f"{script.seed}: {time.monotonic() - began:.1f} s, {len(script.steps)} steps{calm}: {counts}",
        flush=True,
    )
    if is_talkative:
        print(*(f"   {count} {reason}" for reason, count in sorted(verdict.reasons.items())), sep="\n")
    for complaint in verdict.complaints:
        print(f"   {complaint}", flush=True)
    if verdict.complaints:
        print("   The script:", *script.steps, sep="\n     ", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--scripts", type=int, default=50)
    parser.add_argument(
        "--seed",
        type=int,
        nargs="+",
        default=[1 + secrets.randbelow(10**6)],
        help="of the first script (else a new one; a failing one is run alone by its own), or of several to play",
    )
    parser.add_argument("--json", default="var/faults.json")
    parser.add_argument("--verbose", action="store_true", help="print each script before it is played")
    parser.add_argument("--keep", action="store_true", help="keep logs and data")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
