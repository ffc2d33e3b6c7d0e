import Contract
import FoundationEssentials
import Registry

/// How models look to people.
enum ModelView {
    static func table(_ models: [ModelRecord]) -> String {
        var table = TextTable([
            .init(heading: "name"), .init(heading: "version"), .init(heading: "type"), .init(heading: "estimator"),
            .init(heading: "trained until"), .init(heading: "uploaded"), .init(heading: "KiB", isNumber: true),
            .init(heading: "state"), .init(heading: "aliases"), .init(heading: "id"),
        ])
        for model in models {
            table.add([
                model.name, model.version, model.type.rawValue, model.description?["estimator"]?.string ?? "-",
                model.trainedUntil, day(model.uploadedAt), "\((model.size + 1023) / 1024)", model.state.rawValue,
                model.aliases.isEmpty ? "-" : model.aliases.joined(separator: ", "), model.idText,
            ])
        }
        return table.text
    }

    static func text(_ model: ModelRecord, _ loads: JSONValue) -> String {
        let names = model.description?["feature_names"]?.array ?? model.metadata["feature_columns"]?.array
        let features = names?.compactMap(\.string)
        let golden = model.description?["golden_sample"]?["passed"]?.bool
        var lines = [
            "model      \(model.name) \(model.version) (\(model.idText))",
            "type       \(model.type.rawValue), trained until \(model.trainedUntil)",
            "state      \(model.state.rawValue); \(model.aliases.isEmpty ? "no alias" : model.aliases.joined(separator: ", "))",
            "content    \(model.description?["estimator"]?.string ?? "-"), \(model.description?["library"]?.string ?? "-"), "
                + "\(model.description?["task"]?.string ?? "-")",
            "features   \(features.map { $0.joined(separator: ", ") } ?? "\(model.description?["feature_count"]?.integer ?? 0), unnamed")",
            "sample     \(golden.map { $0 ? "answers its golden sample" : "fails its golden sample" } ?? "no golden sample")",
            "file       \(model.fileName), \(model.size) bytes, sha256 \(model.sha256.hexadecimal)",
        ]
        for metric in model.metrics.members { lines.append("metric     \(metric.key) \(metric.value.text())") }
        for warning in model.description?["warnings"]?.array?.compactMap(\.string) ?? [] {
            lines.append("warning    \(warning)")
        }
        for load in loads.array ?? [] {
            let process = "\(load["process_id"]?.string ?? "-") on \(load["host"]?.string ?? "-")"
            lines.append("runs in    \(process) since \(load["loaded_at"]?.string ?? "-")")
        }
        return lines.joined(separator: "\n")
    }

    private static func day(_ date: Date) -> String {
        String(Timestamp(secondsSinceEpoch: date.timeIntervalSince1970).description.prefix(10))
    }
}
