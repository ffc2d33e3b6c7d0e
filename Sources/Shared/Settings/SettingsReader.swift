package import Configuration
import SystemPackage

/// Reads options: environment over file over default.
///
/// A bad value stops the process with one line.
package struct SettingsReader: Sendable {
    private let config: ConfigReader

    package init(_ config: ConfigReader) {
        self.config = config
    }

    /// The process's own: its environment over the YAML file that `ML_CONFIG_FILE` names.
    ///
    /// - Throws: ``SettingsError`` when that file cannot be read.
    package static func ofProcess() async throws(SettingsError) -> SettingsReader {
        try await of(EnvironmentVariablesProvider())
    }

    /// The same for an environment that is given.
    static func reading(_ environment: [String: String]) async throws(SettingsError) -> SettingsReader {
        try await of(EnvironmentVariablesProvider(environmentVariables: environment))
    }

    private static func of(_ environment: EnvironmentVariablesProvider) async throws(SettingsError) -> SettingsReader {
        guard let path = ConfigReader(provider: environment).string(forKey: "ml_config.file"), !path.isEmpty else {
            return SettingsReader(ConfigReader(provider: environment))
        }
        do {
            let file = try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
            return SettingsReader(ConfigReader(providers: [environment, file]))
        } catch {
            // The YAML reader draws the place over several lines; the message is one.
            let reason = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ").prefix(300)
            throw SettingsError("ML_CONFIG_FILE names \(path), which cannot be read as YAML: \(reason)")
        }
    }

    /// The text of an option, or nil where neither environment nor file has it, or has it empty.
    package func text(_ key: String, isSecret: Bool = false) throws(SettingsError) -> String? {
        let name = ConfigKey(stringLiteral: key)
        if let value = config.string(forKey: name, isSecret: isSecret) { return value.isEmpty ? nil : value }
        // Only the file can hold a list; reading it as text finds nothing, and the default would go unnoticed.
        guard config.stringArray(forKey: name, isSecret: isSecret) == nil else {
            throw SettingsError(key: key, shape: "a list", allowed: "a single value")
        }
        return nil
    }

    /// A whole number within a range.
    package func integer(
        _ key: String,
        default fallback: Int,
        in range: ClosedRange<Int>
    ) throws(SettingsError) -> Int {
        guard let text = try text(key) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw SettingsError(
                key: key,
                value: text,
                allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value
    }

    /// true or false, yes or no, 1 or 0.
    package func flag(_ key: String, default fallback: Bool) throws(SettingsError) -> Bool {
        guard let text = try text(key) else { return fallback }
        switch text.lowercased() {
        case "true", "yes", "1": return true
        case "false", "no", "0": return false
        default: throw SettingsError(key: key, value: text, allowed: "true or false")
        }
    }

    /// One of a closed set of words.
    package func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String,
        default fallback: Choice
    ) throws(SettingsError) -> Choice where Choice.RawValue == String {
        guard let text = try text(key) else { return fallback }
        guard let value = Choice(rawValue: text.lowercased()) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError(key: key, value: text, allowed: "one of \(words)")
        }
        return value
    }
}

/// An option whose value cannot be used: one line that names the variable, the value's shape and what is allowed.
package struct SettingsError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// Shows the shape of the value and never the value: it may be a secret in the wrong place.
    init(key: String, value: String, allowed: String) {
        // 20 digits are more than any option takes, and a line must stay one.
        let isNumber = Double(value) != nil && value.utf8.count <= 20
        self.init(
            key: key,
            shape: isNumber ? "the number \(value)" : "a text of \(value.count) characters",
            allowed: allowed
        )
    }

    init(key: String, shape: String, allowed: String) {
        let variable = key.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
        self.description = "\(variable) is \(shape); allowed is \(allowed)"
    }
}
