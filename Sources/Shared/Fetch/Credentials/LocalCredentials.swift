import FoundationEssentials

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
struct EnvironmentCredentials: CredentialSource {
    let environment: [String: String]

    func find() async throws(FetchError) -> FoundCredentials? {
        AWSCredentials(environment: environment).map { FoundCredentials(credentials: $0, expiration: nil) }
    }
}

/// Static keys of a profile in the files that AWS's tools share.
///
/// Of a profile that assumes a role, or runs a program, nothing is used: both are for people's desks.
struct ProfileCredentials: CredentialSource {
    let environment: [String: String]

    func find() async throws(FetchError) -> FoundCredentials? {
        let profile = environment["AWS_PROFILE"] ?? "default"
        let home = environment["HOME"].map { $0 + "/.aws/" }
        let files = [
            environment["AWS_SHARED_CREDENTIALS_FILE"] ?? home.map { $0 + "credentials" },
            environment["AWS_CONFIG_FILE"] ?? home.map { $0 + "config" },
        ]
        for path in files.compactMap({ $0 }) {
            guard let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8) else { continue }
            let section = Self.section(profile, of: text)
            guard let id = section["aws_access_key_id"], let secret = section["aws_secret_access_key"] else { continue }
            let credentials = AWSCredentials(
                accessKeyID: id,
                secretAccessKey: secret,
                sessionToken: section["aws_session_token"]
            )
            return FoundCredentials(credentials: credentials, expiration: nil)
        }
        guard let named = environment["AWS_PROFILE"] else { return nil }
        throw FetchError(
            .status(0),
            "no file has keys of the profile \(named); correct AWS_PROFILE, or unset it",
            at: "AWS profile"
        )
    }

    /// The settings of `[name]`, or of `[profile name]` as the config file calls it.
    static func section(_ name: String, of text: String) -> [String: String] {
        var values: [String: String] = [:]
        var isWanted = false
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmed
            if line.first == "#" || line.first == ";" { continue }
            if line.first == "[", line.last == "]" {
                let title = String(line.dropFirst().dropLast()).trimmed
                isWanted = title == name || title == "profile \(name)"
            } else if isWanted, let equals = line.firstIndex(of: "=") {
                values[String(line[..<equals]).trimmed.lowercased()] =
                    String(line[line.index(after: equals)...]).trimmed
            }
        }
        return values
    }
}

extension StringProtocol {
    /// Without white space at either end.
    var trimmed: String {
        let start = firstIndex { !$0.isWhitespace } ?? endIndex
        let end = lastIndex { !$0.isWhitespace }.map { index(after: $0) } ?? start
        return String(self[start..<end])
    }
}
