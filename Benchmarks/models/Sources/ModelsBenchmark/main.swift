import Glibc
import Models

// usage: models-benchmark FOLDER      what `reference.py make` has left there; prints `ours model what value` lines
guard CommandLine.arguments.count == 2 else {
    print("usage: models-benchmark FOLDER")
    exit(2)
}
let folder = CommandLine.arguments[1]
for name in ["rf200", "xgb500", "lgb120x3", "lgb200"] {
    guard let bytes = InputFile.bytes("\(folder)/\(name).model"), let rows = InputFile.doubles("\(folder)/rows"),
        let answers = InputFile.doubles("\(folder)/\(name).answers")
    else {
        print("skip \(name) was-not-made -")
        continue
    }
    try ModelRun(name: name, bytes: bytes, rows: rows, answers: answers).run()
}
