#!/usr/bin/env python3
"""figures.py DAEMON BEFORE REPORT AFTER: whether the agent's report agrees with what the daemon's own tool printed.

BEFORE and AFTER are the tool's output just before and just after the report: each figure must lie between both, give or take
half of the last digit that the tool prints. Prints what disagrees, or how many figures agree. Exits with 0, 1, or 75 when
the daemon polled or updated between the two, so that they cannot be compared: take them again.
"""
import json
import re
import sys

UNITS = {"ns": 1, "us": 1e3, "\u00b5s": 1e3, "\u03bcs": 1e3, "ms": 1e6, "s": 1e9, "min": 60e9}
compared, wrong = 0, []


class Again(Exception):
    pass


def half_digit(text):
    digits = re.fullmatch(r"[+-]?\d+(?:\.(\d+))?(?:e([+-]?\d+))?", text)
    return 0.5 * 10.0 ** (int(digits[2] or 0) - len(digits[1] or ""))


def same(name, seen, wanted):
    global compared
    compared += 1
    if seen != wanted:
        wrong.append(f"{name}: the tool says {wanted}, the agent {seen}")


def between(name, seen, before, after, scale=1e9, shift=(0.0, 0.0), also=0.0):
    """seen is the agent's; before and after are texts of the tool, in units of scale; shift is added to both."""
    global compared
    compared += 1
    low, high = sorted((float(before) * scale + shift[0], float(after) * scale + shift[1]))
    slack = (half_digit(before) * 1.01 * abs(scale)) + also + (1.5 if abs(scale) >= 1e3 else 0)
    if seen is None or not low - slack <= seen <= high + slack:
        wrong.append(f"{name}: the tool says {before} and then {after} (times {scale:g}), the agent {seen}")


def told(name, status, member, before, after, scale=1e9, also=0.0):
    """As between(), of a member that is absent while its value is 0."""
    between(name, status.get(member, 0), before, after, scale, also=also)


def by_address(report):
    return {source["address"]: source for source in report["status"]["sources"]}


def compare_chrony(before, report, after):
    states = {"*": "selected", "+": "combined", "-": "outlier", "x": "falseticker", "~": "rejected", "?": "rejected"}
    leaps = {"Normal": "none", "Insert second": "insert", "Delete second": "delete", "Not synchronised": "unsynchronised"}

    def read(text):
        rows = [line.split(",") for line in text.splitlines()]
        return next(row for row in rows if len(row) == 14), {row[2]: row for row in rows if len(row) == 10}

    (old, olds), (new, news) = read(before), read(after)
    if old[3] != new[3] or any(news[a][3:6] != row[3:6] or float(news[a][6]) < float(row[6]) for a, row in olds.items()):
        raise Again
    status = report["status"]
    selected = next((s for s in status["sources"] if s["state"] == "selected"), None)
    correction = float(old[4]) * 1e9, float(new[4]) * 1e9
    same("leap", status["leap"], leaps[old[13]])
    same("stratum", status["stratum"], int(old[2]))
    if selected is None or abs(selected["offset_ns"] - correction[0]) <= selected["error_ns"]:
        between("offset", status["offset_ns"], old[4], new[4])
    told("last offset", status, "last_offset_ns", old[5], new[5], -1e9)
    told("RMS offset", status, "rms_offset_ns", old[6], new[6])
    told("frequency", status, "frequency_ppm", old[7], new[7], -1)
    told("skew", status, "skew_ppm", old[9], new[9], 1)
    between("root delay", status["root_delay_ns"], old[10], new[10])
    between("root dispersion", status["root_dispersion_ns"], old[11], new[11])
    between("update interval", status["update_interval_ns"], old[12], new[12])
    sources = by_address(report)
    same("sources", sorted(sources), sorted(olds))
    for address, row in olds.items():
        source, then = sources[address], news[address]
        silent = row[1] == "?" and row[5] == "0"
        same(f"{address} state", source["state"], "silent" if silent else states[row[1]])
        same(f"{address} stratum", source["stratum"], int(row[3]))
        same(f"{address} poll", source["poll_log2"], int(row[4]))
        same(f"{address} reach", source["reach"], int(row[5], 8))
        if silent:
            continue
        between(f"{address} age", source["age_ns"], row[6], then[6], also=1e9)
        between(f"{address} error", source["error_ns"], row[9], then[9])
        # chronyc's are against the clock with what is still to be slewed, and turned
        between(f"{address} offset", source["offset_ns"], row[7], then[7], -1e9, correction, also=1)


def variables(text):
    return dict(re.findall(r'([a-z_]+)=("[^"]*"|[^,\s]*)', text))


def compare_ntpd(before, report, after):
    states = {"*": "selected", "o": "selected", "+": "combined", "-": "outlier", ".": "outlier", "#": "outlier",
              "x": "falseticker", " ": "rejected"}
    leaps = {"00": "none", "0": "none", "01": "insert", "10": "delete", "11": "unsynchronised"}

    def read(text):
        peers = {}
        for line in text.splitlines():
            words = line[1:].split()
            if len(words) == 10 and re.fullmatch(r"[0-7]+", words[6]) and words[0][0].isdigit():
                peers[words[0]] = [line[0]] + words
        return variables(text), peers

    (old, olds), (new, news) = read(before), read(after)
    if not olds or old["reftime"] != new["reftime"] or \
            any(news[a][:1] + news[a][6:] != row[:1] + row[6:] for a, row in olds.items()):
        raise Again
    status = report["status"]
    selected = next((s for s in status["sources"] if s["state"] == "selected"), None)
    same("leap", status["leap"], leaps[old["leap"]])
    same("stratum", status["stratum"], int(old["stratum"]))
    if selected is None or abs(selected["offset_ns"] - float(old["offset"]) * 1e6) <= selected["error_ns"]:
        between("offset", status["offset_ns"], old["offset"], new["offset"], 1e6)
    between("root delay", status["root_delay_ns"], old["rootdelay"], new["rootdelay"], 1e6)
    between("root dispersion", status["root_dispersion_ns"], old["rootdisp"], new["rootdisp"], 1e6)
    told("frequency", status, "frequency_ppm", old["frequency"], new["frequency"], 1)
    told("wander", status, "wander_ppm", old["clk_wander"], new["clk_wander"], 1)
    told("clock jitter", status, "clock_jitter_ns", old["clk_jitter"], new["clk_jitter"], 1e6)
    told("system jitter", status, "system_jitter_ns", old["sys_jitter"], new["sys_jitter"], 1e6)
    same("update interval", status["update_interval_ns"], 10**9 << int(old["tc"]))
    sources = by_address(report)
    same("sources", sorted(sources), sorted(olds))
    for address, row in olds.items():
        source, then = sources[address], news[address]
        silent = row[0] == " " and row[7] == "0"
        same(f"{address} state", source["state"], "silent" if silent else states[row[0]])
        same(f"{address} stratum", source["stratum"], int(row[3]))
        same(f"{address} poll", 1 << source["poll_log2"], int(row[6]))
        same(f"{address} reach", source["reach"], int(row[7], 8))
        between(f"{address} delay", source["delay_ns"], row[8], then[8], 1e6)
        between(f"{address} offset", source["offset_ns"], row[9], then[9], 1e6)
        told(f"{address} jitter", source, "jitter_ns", row[10], then[10], 1e6)


def compare_openntpd(before, report, after):
    def read(text):
        peers, address = {}, None
        for line in text.splitlines():
            words = line.replace("*", " * ").split()
            if re.match(r"\d+\.", line):
                address = words[0]
            elif address and words and line[0] == " ":
                peers[address], address = (words[0] == "*", words[1:] if words[0] == "*" else words), None
        return re.search(r"clock (un)?synced(?:, stratum (\d+))?", text), peers

    (old, olds), (new, news) = read(before), read(after)
    if any(news[a][0] != row[0] or news[a][1][4:] != row[1][4:] for a, row in olds.items()):
        raise Again
    status = report["status"]
    if old[1] is None and old[2]:
        same("stratum", status["stratum"], int(old[2]))
        same("leap", status["leap"], "none")
    sources = by_address(report)
    same("sources", sorted(sources), sorted(olds))
    for address, (selected, row) in olds.items():
        source = sources[address]
        if len(row) < 8:
            continue
        offset, delay, jitter = (word.removesuffix("ms") for word in row[5:8])
        same(f"{address} state", source["state"], "selected" if selected else "combined")
        same(f"{address} stratum", source["stratum"], int(row[2]))
        between(f"{address} offset", source["offset_ns"], offset, offset, 1e6)
        between(f"{address} delay", source["delay_ns"], delay, delay, 1e6)
        told(f"{address} jitter", source, "jitter_ns", jitter, jitter, 1e6)
    same("frequency is not told", status.get("frequency_ppm"), None)


def span(text):
    """"+3.012ms" or "1min 4.5s" in ns, and half of its last digit."""
    total, last = 0.0, 0.0
    for number, unit in re.findall(r"([\d.]+)(min|ms|us|\u00b5s|\u03bcs|ns|s)", text):
        total += float(number) * UNITS[unit]
        last = 10.0 ** -len(number.partition(".")[2]) * UNITS[unit]
    return (-total if text.startswith("-") else total), last


def compare_timesyncd(before, report, after):
    old, new = (dict(re.findall(r"^ *([A-Z][a-z ]+): (.*)$", text, re.M)) for text in (before, after))
    if old != new or "Offset" not in old:
        raise Again
    status = report["status"]
    source = status["sources"][0]

    def near(name, seen, text):
        value, digit = span(text)  # it cuts digits
        between(name, seen, f"{value:.0f}", f"{value:.0f}", 1, also=digit + 1000)

    same("server", source["address"], re.match(r"[^ ]+", old["Server"])[0])
    same("leap", source["stratum"] and status["leap"], {"normal": "none"}.get(old["Leap"], old["Leap"]))
    same("stratum of the source", source["stratum"], int(old["Stratum"]))
    same("stratum", status["stratum"], int(old["Stratum"]) + 1)
    near("offset", status["offset_ns"], old["Offset"])
    near("offset of the source", source["offset_ns"], old["Offset"])
    near("delay", source["delay_ns"], old["Delay"])
    near("jitter", source.get("jitter_ns", 0), old["Jitter"])
    near("poll interval", status["update_interval_ns"], old["Poll interval"].partition(" (")[0])
    own = (status["root_delay_ns"] - source["delay_ns"]) / 2 + status["root_dispersion_ns"] - source.get("jitter_ns", 0)
    near("root distance", own, old["Root distance"].partition(" (")[0])
    rate = old.get("Frequency", "0ppm").removesuffix("ppm")
    told("frequency", status, "frequency_ppm", rate, rate, 1)


def compare_ntpd_rs(before, report, after):
    def read(text):
        system = re.search(r"Dispersion: ([\d.]+)s, Delay: ([\d.]+)s\s+(?:Desired poll interval: \S+\s+)?Stratum: (\d+)", text)
        rows = re.findall(r"([\d.]+):123 \(\d+\): *([+-][\d.]+) *\u00b1 *([\d.]+) *\(\u00b1 *([\d.]+)\) *s", text)
        return system, {row[0]: row[1:] for row in rows}

    (old, olds), (new, news) = read(before), read(after)
    if not olds or olds != news or old.groups()[1:] != new.groups()[1:]:
        raise Again
    status = report["status"]
    same("stratum", status["stratum"], int(old[3]))
    between("root dispersion", status["root_dispersion_ns"], old[1], new[1])
    between("root delay", status["root_delay_ns"], old[2], new[2])
    sources = by_address(report)
    same("sources", sorted(sources), sorted(olds))
    for address, (offset, error, delay) in olds.items():
        between(f"{address} offset", sources[address]["offset_ns"], offset, offset)
        between(f"{address} error", sources[address]["error_ns"], error, error)
        between(f"{address} delay", sources[address]["delay_ns"], delay, delay)
    same("frequency is not told", status.get("frequency_ppm"), None)


def main():
    daemon, names = sys.argv[1], sys.argv[2:5]
    before, report, after = (open(name, encoding="utf-8").read() for name in names)
    report = json.loads(report)
    if not report["answered"]:
        sys.exit(f"the daemon does not answer: {report.get('error')}")
    try:
        {"chrony": compare_chrony, "ntpsec": compare_ntpd, "ntp": compare_ntpd, "openntpd": compare_openntpd,
         "timesyncd": compare_timesyncd, "ntpd-rs": compare_ntpd_rs}[daemon](before, report, after)
    except Again:
        sys.exit(75)
    print("\n".join(wrong) if wrong else f"{compared} figures agree")
    sys.exit(1 if wrong else 0)


main()
