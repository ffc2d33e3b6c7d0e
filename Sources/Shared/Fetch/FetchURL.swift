import CCurl

/// The parts of a URL as libcurl reads them, so that our view and the connection's can never differ.
package struct FetchURL: Sendable, Equatable {
    package let scheme: String
    package let host: String
    package let port: String?
    package let path: String
    package let query: String?

    /// - Returns: nil unless the text is an absolute http or https URL with a host.
    package init?(_ text: String) {
        guard !text.utf8.contains(0), let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        guard curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = Self.part(handle, CURLUPART_SCHEME)?.lowercased(), scheme == "http" || scheme == "https",
            let host = Self.part(handle, CURLUPART_HOST), !host.isEmpty
        else { return nil }
        self.scheme = scheme
        self.host = host
        port = Self.part(handle, CURLUPART_PORT)
        path = Self.part(handle, CURLUPART_PATH) ?? "/"
        query = Self.part(handle, CURLUPART_QUERY)
    }

    /// Host and path, for messages and logs: neither the query nor user names and passwords.
    package static func display(_ text: String) -> String {
        guard let url = FetchURL(text) else { return "(invalid URL)" }
        return url.host + (url.port.map { ":" + $0 } ?? "") + url.path
    }

    /// What the `Host` header carries: the port only when the URL names one that is not the scheme's own.
    package var authority: String {
        guard let port, !(scheme == "http" && port == "80"), !(scheme == "https" && port == "443") else { return host }
        return host + ":" + port
    }

    private static func part(_ handle: OpaquePointer, _ part: CURLUPart) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
