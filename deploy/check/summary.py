"""Counts the results of a test run: reads JUnit files, prints failures in full and, last, `passed failed skipped`.

usage: summary.py FILE…   A file that is missing or cut short counts for nothing: the caller knows the exit status.
"""

import sys
import xml.etree.ElementTree as ElementTree

passed = failed = skipped = 0
for path in sys.argv[1:]:
    try:
        cases = ElementTree.parse(path).iter("testcase")
    except (OSError, ElementTree.ParseError):
        continue
    for case in cases:
        name = f"{case.get('classname')}/{case.get('name')}"
        failures = case.findall("failure") + case.findall("error")
        if failures:
            failed += 1
            for failure in failures:
                print(f"failed: {name}: {failure.get('message') or failure.text}")
        elif (reason := case.find("skipped")) is not None:
            skipped += 1
            print(f"skipped: {name}: {reason.text or 'no reason given'}")
        else:
            passed += 1
print(passed, failed, skipped)
