"""Makes the models and rows, and measures the Python libraries on them.

usage: reference.py make FOLDER       trains what is not there yet, and writes models, rows and the libraries' answers
       reference.py measure FOLDER    prints `library model what value` lines, in microseconds
A library that is not installed is skipped, and says so.
"""

import importlib
import os
import pickle
import struct
import subprocess
import sys
import time

FEATURES, ROWS = 16, 10_000
NAMES = ("rf200", "xgb500", "lgb120x3", "lgb200")


def library(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"skip {name} is-not-installed -", flush=True)
        return None


def data(np, count, seed):
    """Prices by hour, day and so on, with noise: nothing of it is recorded."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(count, FEATURES)) * np.arange(1, FEATURES + 1)
    x[:, 0] = random.integers(0, 24, count)
    x[:, 1] = random.integers(0, 7, count)
    y = np.sin(x[:, 0] / 4) + 0.1 * x[:, 5] * (x[:, 1] > 4) + 0.02 * x[:, 9] ** 2 + random.normal(size=count) * 0.3
    return x, y


def train(np, name):
    x, y = data(np, 12_000, 1)
    classes = np.digitize(y, np.quantile(y, [0.33, 0.66]))
    if name == "rf200":
        ensemble = importlib.import_module("sklearn.ensemble")
        return ensemble.RandomForestRegressor(200, max_depth=9, random_state=0, n_jobs=2).fit(x, y)
    if name == "xgb500":
        xgboost = importlib.import_module("xgboost")
        return xgboost.XGBRegressor(n_estimators=500, max_depth=6, learning_rate=0.05, n_jobs=2).fit(x, y)
    lightgbm = importlib.import_module("lightgbm")
    if name == "lgb120x3":
        return lightgbm.LGBMClassifier(n_estimators=120, num_leaves=31, n_jobs=2, verbose=-1).fit(x, classes)
    return lightgbm.LGBMRegressor(n_estimators=200, num_leaves=31, n_jobs=2, verbose=-1).fit(x, y)


def forest(np, model):
    """Trees, features; then each tree's nodes and arrays."""
    parts = [struct.pack("<ii", len(model.estimators_), FEATURES)]
    for estimator in model.estimators_:
        tree = estimator.tree_
        parts.append(struct.pack("<i", tree.node_count))
        for values, kind in (
            (tree.children_left, "<i4"), (tree.children_right, "<i4"), (tree.feature, "<i4"), (tree.threshold, "<f8"),
            (tree.value[:, 0, 0], "<f8"),
        ):
            parts.append(np.ascontiguousarray(values, dtype=kind).tobytes())
    return b"".join(parts)


def make(folder):
    np = library("numpy")
    if np is None:
        return
    os.makedirs(folder, exist_ok=True)
    x, _ = data(np, ROWS, 2)
    with open(f"{folder}/rows", "wb") as file:
        file.write(x.tobytes())
    for name in NAMES:
        need = {"rf": "sklearn", "xg": "xgboost", "lg": "lightgbm"}[name[:2]]
        if library(need) is None or os.path.exists(f"{folder}/{name}.answers"):
            continue
        model = train(np, name)
        with open(f"{folder}/{name}.pkl", "wb") as file:
            pickle.dump(model, file)
        if name == "rf200":
            text = forest(np, model)
        elif name == "xgb500":
            text = bytes(model.get_booster().save_raw("ubj"))
        else:
            text = model.booster_.model_to_string().encode()
        with open(f"{folder}/{name}.model", "wb") as file:
            file.write(text)
        answers = model.predict_proba(x) if name == "lgb120x3" else model.predict(x)
        with open(f"{folder}/{name}.answers", "wb") as file:
            file.write(np.asarray(answers, dtype="<f8").tobytes())


def single(call, rows, repeats):
    times = []
    for row in rows[:repeats]:
        start = time.perf_counter()
        call(row)
        times.append((time.perf_counter() - start) * 1e6)
    times.sort()
    return times[len(times) // 2], times[len(times) * 99 // 100]


def batch(call, repeats=5):
    """The least processor time, and the least time by the clock: others on the machine only add."""
    best = [float("inf")] * 2
    for _ in range(repeats):
        clock, processor = time.perf_counter(), time.process_time()
        call()
        best = [min(best[0], (time.process_time() - processor) * 1e6), min(best[1], (time.perf_counter() - clock) * 1e6)]
    return best


def measure(folder):
    np = library("numpy")
    if np is None:
        return
    x = np.frombuffer(open(f"{folder}/rows", "rb").read()).reshape(-1, FEATURES)
    one = [x[i : i + 1] for i in range(2000)]
    for name in NAMES:
        if not os.path.exists(f"{folder}/{name}.pkl"):
            continue
        code = f"import pickle; pickle.load(open({folder + '/' + name + '.pkl'!r}, 'rb'))"
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        cold = (time.perf_counter() - start) * 1e6
        start = time.perf_counter()
        with open(f"{folder}/{name}.pkl", "rb") as file:
            model = pickle.load(file)
        report(name, "load in a fresh process", cold)
        if name == "rf200":
            model.set_params(n_jobs=1)
            report(name, "row, wrapper p50", *single(model.predict, one, 100))
            report(name, "10k rows, 1 thread", *batch(lambda: model.predict(x), 3))
            model.set_params(n_jobs=2)
            report(name, "10k rows, 2 threads", *batch(lambda: model.predict(x), 3))
        elif name == "xgb500":
            booster = model.get_booster()
            model.set_params(n_jobs=1)
            booster.set_param({"nthread": 1})
            report(name, "row, wrapper p50", *single(model.predict, one, 500))
            report(name, "row, booster p50", *single(booster.inplace_predict, one, 1000))
            report(name, "10k rows, 1 thread", *batch(lambda: booster.inplace_predict(x)))
            booster.set_param({"nthread": 2})
            report(name, "10k rows, 2 threads", *batch(lambda: booster.inplace_predict(x)))
        else:
            call = model.predict_proba if name == "lgb120x3" else model.predict
            booster = model.booster_
            report(name, "row, wrapper p50", *single(lambda row: call(row, num_threads=1), one, 500))
            report(name, "row, booster p50", *single(lambda row: booster.predict(row, num_threads=1), one, 1000))
            report(name, "10k rows, 1 thread", *batch(lambda: booster.predict(x, num_threads=1)))
            report(name, "10k rows, 2 threads", *batch(lambda: booster.predict(x, num_threads=2)))
        if name == "lgb200":
            lleaves(folder, name, one, x)


def lleaves(folder, name, one, x):
    """Machine code made from a LightGBM model: the fastest that is known, and needs a compiler at run time."""
    compiler = library("lleaves")
    if compiler is None:
        return
    path = f"{folder}/{name}.model"
    model = compiler.Model(model_file=path)
    start = time.perf_counter()
    model.compile()
    report(name, "lleaves: compile", (time.perf_counter() - start) * 1e6)
    report(name, "lleaves: row p50", *single(lambda row: model.predict(row, n_jobs=1), one, 1000))
    report(name, "lleaves: 10k rows, 1 thread", *batch(lambda: model.predict(x, n_jobs=1)))


def report(name, what, *values):
    print("library", name, what.replace(" ", "_"), *(f"{value:.2f}" for value in values), flush=True)


if __name__ == "__main__":
    {"make": make, "measure": measure}[sys.argv[1]](sys.argv[2])
