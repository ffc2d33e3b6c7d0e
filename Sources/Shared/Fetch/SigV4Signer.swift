import Crypto

/// Signs requests with AWS Signature Version 4.
///
/// Our own rather than libcurl's: libcurl 7.88 signs unsorted and valueless queries wrongly and cannot take a date,
/// which makes a skewed clock incurable.
package struct SigV4Signer: Sendable {
    package let credentials: AWSCredentials
    package let region: String
    package let service: String

    package init(credentials: AWSCredentials, region: String, service: String) {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// Returns the request with `X-Amz-Date`, the session token and `Authorization` added, and redirects off.
    ///
    /// The time is in seconds since 1970 UTC, as the service sees it; see ``skew(of:at:)``.
    ///
    /// - Throws: ``FetchError`` with code `invalidURL`.
    package func sign(_ request: FetchRequest, at seconds: Int) throws(FetchError) -> FetchRequest {
        guard let url = FetchURL(request.url) else {
            throw FetchError(.invalidURL, "not an absolute http or https URL", at: FetchURL.display(request.url))
        }
        let stamp = HTTPDate.amazon(seconds)
        var signed = request
        signed.followRedirects = false
        // A request that is signed again, with the time corrected, must not carry its first signature.
        let ours = ["authorization", "x-amz-date", "x-amz-security-token", "host"]
        signed.headers.removeAll { ours.contains($0.name.lowercased()) }
        signed.headers.append(("X-Amz-Date", stamp))
        if let token = credentials.sessionToken { signed.headers.append(("X-Amz-Security-Token", token)) }

        let canonical = CanonicalRequest(
            method: request.method,
            path: url.path,
            query: url.query,
            headers: signed.headers + [("host", url.authority)],
            bodyHash: SHA256.hash(data: request.body ?? []).lowercaseHex
        )
        let scope = "\(stamp.prefix(8))/\(region)/\(service)/aws4_request"
        let digest = SHA256.hash(data: Array(canonical.text.utf8)).lowercaseHex
        let signature = HMAC<SHA256>.authenticationCode(
            for: Array("AWS4-HMAC-SHA256\n\(stamp)\n\(scope)\n\(digest)".utf8),
            using: key(day: stamp.prefix(8))
        ).lowercaseHex
        signed.headers.append(
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), "
                    + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
            )
        )
        return signed
    }

    /// How far the service's clock is ahead of ours in seconds, from a response's `Date`; EC2 refuses beyond 300.
    package static func skew(of response: FetchResponse, at seconds: Int) -> Int? {
        response.headers["date"].flatMap(HTTPDate.seconds).map { $0 - seconds }
    }

    private func key(day: Substring) -> SymmetricKey {
        var key = SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey)".utf8))
        for part in [String(day), region, service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        return key
    }
}
