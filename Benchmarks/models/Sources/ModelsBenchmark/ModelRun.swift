import Glibc
import Models

/// The measurements of one model.
struct ModelRun {
    let name: String
    let bytes: [UInt8]
    let rows: [Double]
    let answers: [Double]

    private static let features = 16

    func run() throws {
        let evaluator = try load()
        let count = rows.count / Self.features
        let columns = answers.count / count
        var got = [Double](repeating: 0, count: answers.count)
        rows.withUnsafeBufferPointer { rows in
            got.withUnsafeMutableBufferPointer { got in
                guard let rows = rows.baseAddress, let got = got.baseAddress else { return }
                evaluator(rows, count, got, nil)
                check(got)
                measureRows(evaluator, rows, columns, got)
                measureBatches(evaluator, rows, count, got)
            }
        }
    }

    typealias Evaluator = (UnsafePointer<Double>, Int, UnsafeMutablePointer<Double>, RowSplit?) -> Void

    /// The least of several loads: reading, checking and compiling.
    private func load() throws -> Evaluator {
        var best = Double.infinity
        var evaluator: Evaluator?
        for _ in 0..<5 {
            let start = Stopwatch.processor()
            evaluator = try read()
            best = min(best, Stopwatch.processor() - start)
        }
        line("load, validate, compile", best)
        guard let evaluator else { throw ModelRejection(.unsupported, name) }
        return evaluator
    }

    private func read() throws -> Evaluator {
        let features = Self.features
        if name.hasPrefix("rf") {
            let forest = try ForestFile.read(bytes)
            return { rows, count, into, split in
                into.update(repeating: 0, count: count)
                forest.add(rows: rows, count: count, stride: features, to: into, split: split)
                for row in 0..<count { into[row] /= Double(forest.trees) }
            }
        }
        let model: any BoosterModel =
            name.hasPrefix("xgb")
            ? try XGBoostReader.read(bytes, XGBoostOptions(stopsAtBestIteration: true))
            : try LightGBMReader.read(bytes, LightGBMOptions())
        return { rows, count, into, split in
            model.margins(rows: rows, count: count, stride: features, into: into, split: split)
            // In place: a link reads a row's scores before it writes, column by column.
            for row in 0..<count { model.predict(margins: into + row * model.groups, into: into + row * model.groups) }
        }
    }

    private func check(_ got: UnsafeMutablePointer<Double>) {
        var difference = 0.0
        var largest = 0.0
        for (index, answer) in answers.enumerated() {
            difference = max(difference, abs(got[index] - answer))
            largest = max(largest, abs(answer))
        }
        print("error \(name) difference \(difference / largest)")
    }

    private func measureRows(
        _ evaluator: Evaluator,
        _ rows: UnsafePointer<Double>,
        _ columns: Int,
        _ got: UnsafeMutablePointer<Double>
    ) {
        var times: [Double] = []
        for row in 0..<9000 {
            let start = Stopwatch.clock()
            evaluator(rows + row * Self.features, 1, got, nil)
            times.append(Stopwatch.clock() - start)
        }
        times.sort()
        for call in name.hasPrefix("rf") ? ["wrapper"] : ["wrapper", "booster"] {
            line("row, \(call) p50", times[times.count / 2], times[times.count * 99 / 100])
        }
    }

    private func measureBatches(
        _ evaluator: Evaluator,
        _ rows: UnsafePointer<Double>,
        _ count: Int,
        _ got: UnsafeMutablePointer<Double>
    ) {
        for (threads, split) in [(1, nil), (2, PlainThreads.split(2))] as [(Int, RowSplit?)] {
            var best = (Double.infinity, Double.infinity)
            for _ in 0..<7 {
                let start = (Stopwatch.processor(), Stopwatch.clock())
                evaluator(rows, count, got, split)
                best = (min(best.0, Stopwatch.processor() - start.0), min(best.1, Stopwatch.clock() - start.1))
            }
            line("10k rows, \(threads) thread\(threads > 1 ? "s" : "")", best.0, best.1)
        }
    }

    /// Microseconds.
    private func line(_ what: String, _ values: Double...) {
        let figures = values.map { String(Double(Int($0 * 100)) / 100) }.joined(separator: " ")
        print("ours \(name) \(what.split(separator: " ").joined(separator: "_")) \(figures)")
    }
}
