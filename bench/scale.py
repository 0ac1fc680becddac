"""bench/compare --scale: how packets per second grow with lcores."""
import json
import statistics
import sys

from peers.spate import Spate


def layouts(cpus):
    """(kind, emission lcores, generation lcores), all that so many CPUs have room for."""
    for count in range(1, cpus + 1):
        yield "run to completion", count, 0
    for count in range(1, cpus):
        yield "generation", 1, count
    for count in range(2, cpus // 2 + 1):
        yield "both", count, count


def summarise(readings):
    rows = []
    for (kind, emission, generation), values in readings.items():
        row = {"kind": kind, "emission": emission, "generation": generation,
               "median_pps": statistics.median(one.pps for one in values),
               "min_pps": min(one.pps for one in values), "max_pps": max(one.pps for one in values)}
        row["roles"] = {role: min(one.roles[role] for one in values) for role in values[0].roles}
        rows.append(row)
    for row in rows:
        alone = next(one for one in rows if (one["generation"] == 0) == (row["generation"] == 0))
        lcores, least = row["emission"] + row["generation"], alone["emission"] + alone["generation"]
        row["efficiency"] = row["median_pps"] / alone["median_pps"] * least / lcores
    return rows


def print_rows(rows):
    print(f"\n{'lcores':<26}{'Mpps':>9}{'min':>9}{'max':>9}{'cycles: fused':>15}{'emission':>10}{'generation':>12}"
          f"{'efficiency':>12}")
    for row in rows:
        name = f"{row['emission']} fused" if not row["generation"] else \
            f"{row['emission']} emission + {row['generation']} generation"
        shown = [f"{row['roles'][role]:.1f}" if role in row["roles"] else ""
                 for role in ("fused", "emission", "generation")]
        print(f"{name:<26}{row['median_pps'] / 1e6:9.2f}{row['min_pps'] / 1e6:9.2f}{row['max_pps'] / 1e6:9.2f}"
              f"{shown[0]:>15}{shown[1]:>10}{shown[2]:>12}{row['efficiency']:12.2f}")


def run(about, lab, args):
    cases = {layout: Spate(args.scale, emission=layout[1], generation=layout[2]) for layout in layouts(len(lab.cpus))}
    if reason := next(iter(cases.values())).missing(lab, "null"):
        sys.exit(f"bench/compare: {reason}")
    readings = {layout: [] for layout in cases}
    for _ in range(args.rounds):
        for layout, program in cases.items():
            readings[layout].append(program.measure(lab, args.seconds))
    rows = summarise(readings)
    print(f"{about['cpu']}, {about['cpus']} CPUs, DPDK {about['dpdk']}; {args.scale}, null device; "
          f"efficiency: packets per lcore against the smallest layout")
    print_rows(rows)
    if args.json:
        args.json.write_text(json.dumps({"machine": about, "template": str(args.scale), "scale": rows}, indent=2) + "\n")
    return 0
