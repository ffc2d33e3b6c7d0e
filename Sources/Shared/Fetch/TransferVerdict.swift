import CCurl

extension Transfer {
    /// Turns libcurl's result into our error.
    ///
    /// Its own texts stay out: some quote the URL.
    func verdict(_ code: CURLcode) -> FetchError {
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            // The first request was checked before, so this is a redirect's target.
            return error(.redirect, "redirected to a URL that is not allowed")
        case CURLE_TOO_MANY_REDIRECTS:
            return error(.redirect, "redirected more than 3 times")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return error(.connect, "the host name is unknown")
        case CURLE_COULDNT_CONNECT:
            return error(.connect, "no connection (refused or unreachable)")
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING:
            return error(.connect, "the connection broke")
        case CURLE_OPERATION_TIMEDOUT:
            return timedOut()
        case CURLE_PARTIAL_FILE, CURLE_HTTP2_STREAM:
            return error(.truncated, "the connection ended before the body was complete")
        case CURLE_FILESIZE_EXCEEDED:
            return error(.tooLarge, "the body is longer than \(request.maxBodyBytes) bytes")
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
            return error(.tls, "TLS failed: \(String(cString: curl_easy_strerror(code)))")
        case CURLE_ABORTED_BY_CALLBACK:
            return error(.cancelled, "cancelled")
        default:
            return error(.malformed, String(cString: curl_easy_strerror(code)))
        }
    }

    /// One code of libcurl's means three things: no connection, too slow, or too long.
    private func timedOut() -> FetchError {
        guard let handle else { return error(.timeout, "timed out") }
        let elapsed = ccurl_get_offset(handle, CURLINFO_TOTAL_TIME_T) / 1_000  // microseconds
        let connected = ccurl_get_offset(handle, CURLINFO_PRETRANSFER_TIME_T) > 0
        if elapsed + 5 >= curl_off_t(request.totalTimeout.wholeMilliseconds) {  // libcurl's clock is coarse by some ms
            return error(.timeout, "not finished within \(request.totalTimeout)")
        }
        if !connected { return error(.connect, "no connection within \(request.connectTimeout)") }
        return error(
            .stalled,
            "slower than \(request.lowSpeed.bytesPerSecond) B/s for \(request.lowSpeed.period)"
        )
    }
}

extension Duration {
    /// At least 1: to libcurl, 0 means no limit.
    var wholeMilliseconds: Int {
        let parts = components
        let seconds = min(max(0, parts.seconds), 1_000_000)  // eleven days; keeps the product in range
        return max(1, Int(seconds) * 1_000 + Int(parts.attoseconds / 1_000_000_000_000_000))
    }
}
