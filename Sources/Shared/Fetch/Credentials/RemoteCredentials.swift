import FoundationEssentials

/// The endpoint that ECS, or EKS Pod Identity, puts beside a container.
struct ContainerCredentials: CredentialSource {
    /// ECS serves its own endpoint at this address only.
    private static let ecs = "http://169.254.170.2"
    /// Plain HTTP is for the machine itself and for the two addresses of the container services: a token must not travel.
    private static let plainHosts: Set<String> = [
        "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost", "127.0.0.1", "[::1]",
    ]

    let environment: [String: String]
    let fetcher: Fetcher

    func find() async throws(FetchError) -> FoundCredentials? {
        guard let url = try address() else { return nil }
        var request = FetchRequest(url: url)
        request.totalTimeout = .seconds(5)
        request.followRedirects = false
        if let path = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
            // Rotated by the kubelet: read anew every time.
            guard let token = try? String(contentsOf: URL(filePath: path), encoding: .utf8) else {
                throw FetchError(.status(0), "\(path) cannot be read", at: "container credentials")
            }
            request.headers.append(("Authorization", token.trimmed))
        } else if let token = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] {
            request.headers.append(("Authorization", token))
        }
        return try await CredentialDocument.fetch(request, by: fetcher, from: "container credentials")
    }

    private func address() throws(FetchError) -> String? {
        if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], !path.isEmpty { return Self.ecs + path }
        guard let url = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"], !url.isEmpty else { return nil }
        guard let parsed = FetchURL(url) else {
            throw FetchError(.invalidURL, "AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL", at: "container credentials")
        }
        let host =
            parsed.authority.hasPrefix("[")
            ? parsed.authority.prefix { $0 != "]" } + "]" : parsed.authority.prefix { $0 != ":" }
        guard url.hasPrefix("https://") || Self.plainHosts.contains(String(host)) else {
            throw FetchError(
                .invalidURL,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI names a host that may only be asked over https",
                at: "container credentials"
            )
        }
        return url
    }
}

/// The metadata service of an EC2 instance, in its second version: with a session token.
struct InstanceCredentials: CredentialSource {
    private static let rolePath = "/latest/meta-data/iam/security-credentials/"

    let environment: [String: String]
    let fetcher: Fetcher

    func find() async throws(FetchError) -> FoundCredentials? {
        if environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true" { return nil }
        let base =
            environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"].flatMap { $0.isEmpty ? nil : $0 }
            ?? "http://169.254.169.254"
        // Not on EC2, nobody answers: silence is the ordinary case, and must not cost much.
        guard let token = await token(base), let role = await role(base, token) else { return nil }
        var request = request(base + Self.rolePath + role, token: token)
        request.followRedirects = false
        return try await CredentialDocument.fetch(request, by: fetcher, from: "instance credentials")
    }

    private func request(_ url: String, method: String = "GET", token: String? = nil) -> FetchRequest {
        var request = FetchRequest(method: method, url: url)
        request.connectTimeout = .seconds(1)
        request.totalTimeout = .seconds(2)
        if let token { request.headers = [("X-aws-ec2-metadata-token", token)] }
        return request
    }

    private func token(_ base: String) async -> String? {
        var put = request(base + "/latest/api/token", method: "PUT")
        put.headers = [("X-aws-ec2-metadata-token-ttl-seconds", "300")]
        put.body = []
        guard let response = try? await fetcher.send(put), response.isSuccess else { return nil }
        return String(decoding: response.body, as: UTF8.self).trimmed
    }

    private func role(_ base: String, _ token: String) async -> String? {
        guard let response = try? await fetcher.send(request(base + Self.rolePath, token: token)), response.isSuccess
        else { return nil }
        let name = String(decoding: response.body, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(
            String.init
        )
        return name.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// A token of the cluster's identity provider, exchanged at STS for credentials of a role (EKS service accounts).
struct WebIdentityCredentials: CredentialSource {
    let environment: [String: String]
    let fetcher: Fetcher

    func find() async throws(FetchError) -> FoundCredentials? {
        guard let path = environment["AWS_WEB_IDENTITY_TOKEN_FILE"], !path.isEmpty,
            let role = environment["AWS_ROLE_ARN"], !role.isEmpty
        else { return nil }
        // Rotated by the kubelet: read anew every time.
        guard let token = try? String(contentsOf: URL(filePath: path), encoding: .utf8) else {
            throw FetchError(
                .status(0),
                "\(path) cannot be read; check AWS_WEB_IDENTITY_TOKEN_FILE",
                at: "web identity"
            )
        }
        let form = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
            ("RoleSessionName", environment["AWS_ROLE_SESSION_NAME"] ?? "cloudoptim-ml-server"),
            ("WebIdentityToken", token.trimmed),
        ]
        var request = FetchRequest(method: "POST", url: endpoint)
        request.headers = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
        request.body = Array(form.map { "\($0)=\(PercentEncoding.form($1))" }.joined(separator: "&").utf8)
        request.totalTimeout = .seconds(10)
        let response = try await fetcher.send(request, retrying: RetryPolicy(attempts: 3))
        let answer = try response.requireSuccess(for: request)
        let text = String(decoding: answer.body, as: UTF8.self)
        guard let id = Self.element("AccessKeyId", text), let secret = Self.element("SecretAccessKey", text),
            let session = Self.element("SessionToken", text),
            let end = Self.element("Expiration", text).flatMap({ try? Date($0, strategy: .iso8601) })
        else { throw FetchError(.malformed, "the answer of STS has no credentials", at: FetchURL.display(endpoint)) }
        return FoundCredentials(
            credentials: AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: session),
            expiration: end
        )
    }

    private var endpoint: String {
        for name in ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"] {
            if let url = environment[name], !url.isEmpty { return url }
        }
        let region = environment["AWS_REGION"].flatMap { $0.isEmpty ? nil : $0 } ?? "us-east-1"
        return "https://sts.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")/"
    }

    /// The text of an element that has no children; STS escapes nothing in these.
    private static func element(_ name: String, _ text: String) -> String? {
        guard let start = text.firstRange(ofText: "<\(name)>"),
            let end = text[start.upperBound...].firstIndex(of: "<"), end > start.upperBound
        else { return nil }
        return String(text[start.upperBound..<end])
    }
}

/// The document that container endpoints and the metadata service answer with.
private struct CredentialDocument: Decodable {
    let AccessKeyId: String
    let SecretAccessKey: String
    let Token: String?
    let Expiration: String?

    static func fetch(
        _ request: FetchRequest,
        by fetcher: Fetcher,
        from place: String
    ) async throws(FetchError) -> FoundCredentials {
        let response = try await fetcher.send(request, retrying: RetryPolicy(attempts: 3))
        let answer = try response.requireSuccess(for: request)
        guard let document = try? JSONDecoder().decode(Self.self, from: Data(answer.body)) else {
            throw FetchError(.malformed, "the answer has no credentials", at: place)
        }
        return FoundCredentials(
            credentials: AWSCredentials(
                accessKeyID: document.AccessKeyId,
                secretAccessKey: document.SecretAccessKey,
                sessionToken: document.Token
            ),
            expiration: document.Expiration.flatMap { try? Date($0, strategy: .iso8601) }
        )
    }
}
