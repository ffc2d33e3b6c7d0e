import Contract
import CustomEngines
import Engines
import Hummingbird

/// Reads the form of `POST /engines/upload`.
enum EngineForm {
    private static let guide = "docs/engines/custom-engines.md"
    private static let known: Set<String> = [
        "file", "engine_name", "engine_version", "engine_type", "config", "config_schema", "input_schema",
        "output_schema", "sample",
    ]
    private static let pythonSuffixes = [".py", ".pyc", ".pyw", ".pyx", ".ipynb", ".whl", ".pkl"]

    /// - Throws: 415 for a Python file, else what ``MultipartForm`` and ``EngineUpload`` throw.
    static func read(_ request: Request) async throws -> EngineUpload {
        let form = try await MultipartForm.read(
            request,
            limits: .init(file: EngineUpload.maximumSourceBytes, field: EngineUpload.maximumSampleBytes)
        )
        for name in (Array(form.fields.keys) + Array(form.files.keys)).sorted() where !known.contains(name) {
            throw APIError(
                .invalidValue,
                "\(name.prefix(60)) is no field of this form",
                field: String(name.prefix(60)),
                hint: "Fields are \(known.sorted().joined(separator: ", "))."
            )
        }
        let file = try script(form)
        let type = try EngineRoutes.type(try form.requiredText("engine_type"), "engine_type")
        guard DecisionEngines.engine(for: type) != nil else {
            throw APIError(.invalidValue, "this build makes no \(type.rawValue) decisions", field: "engine_type")
        }
        return try EngineUpload(
            name: try form.requiredText("engine_name"),
            version: try form.requiredText("engine_version"),
            type: type,
            source: file.bytes,
            config: try form.json("config"),
            configSchema: try form.json("config_schema"),
            inputSchema: try form.json("input_schema"),
            outputSchema: try form.json("output_schema"),
            sample: try form.json("sample")
        )
    }

    private static func script(_ form: MultipartForm) throws(APIError) -> MultipartForm.File {
        guard let file = form.files["file"] else {
            guard form.fields["file"] == nil else {
                throw APIError(.invalidValue, "file is not sent as a file with a name", field: "file")
            }
            throw APIError(.missingField, "file is missing", field: "file", hint: "Add the .lua script as a file.")
        }
        if let other = form.files.keys.sorted().first(where: { $0 != "file" }) {
            throw APIError(.invalidValue, "\(other) is sent as a file; only the script is one", field: other)
        }
        let name = file.name.lowercased()
        if pythonSuffixes.contains(where: name.hasSuffix) || file.contentType?.lowercased().contains("python") == true {
            throw APIError(
                .unsupportedMediaType,
                "Python engines are not run here: an engine is a Lua 5.4 script, which a sandbox can bound in time, "
                    + "memory and reach",
                field: "file",
                hint: "\(guide) shows how to write it: decide(input) gets the request, prices, the catalogue and the "
                    + "built-in engine's own decision."
            )
        }
        guard name.hasSuffix(".lua") else {
            throw APIError(
                .invalidValue,
                "the file is not named .lua",
                field: "file",
                hint: "Upload a Lua 5.4 source; see \(guide)."
            )
        }
        return file
    }
}
