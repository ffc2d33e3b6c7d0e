import CCurl
import Synchronization

/// One request on its way: the easy handle, what has arrived, and the caller who waits.
///
/// `@unchecked Sendable`: made by the caller, handed to the transfer thread through a lock, and from then on
/// touched by that thread alone; only the atomic flag is shared.
final class Transfer: @unchecked Sendable {
    typealias Outcome = Result<FetchResponse, FetchError>

    /// A refused request's reason; enough for any error document, small enough not to matter.
    static let longestReason = 64 << 10

    let request: FetchRequest
    let place: String
    private let cancelled = Atomic<Bool>(false)
    var handle: UnsafeMutableRawPointer?

    private let onHead: (@Sendable (FetchResponse) throws -> Void)?
    private let onBytes: (@Sendable (UnsafeRawBufferPointer) throws -> Void)?
    private let finish: @Sendable (Outcome) -> Void
    private var response = FetchResponse(status: 0)
    private var received = 0
    private var headDelivered = false
    private var failure: FetchError?
    private var fields: UnsafeMutablePointer<curl_slist>?

    init(
        _ request: FetchRequest,
        onHead: (@Sendable (FetchResponse) throws -> Void)? = nil,
        onBytes: (@Sendable (UnsafeRawBufferPointer) throws -> Void)? = nil,
        finish: @escaping @Sendable (Outcome) -> Void
    ) {
        self.request = request
        place = FetchURL.display(request.url)
        self.onHead = onHead
        self.onBytes = onBytes
        self.finish = finish
    }

    /// May be called from any thread; the transfer thread sees it at its next turn.
    func markCancelled() { cancelled.store(true, ordering: .releasing) }
    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    // MARK: On the transfer thread

    /// Makes the easy handle; nil when libcurl refuses an option, which means out of memory.
    func prepare() -> UnsafeMutableRawPointer? {
        guard let url = FetchURL(request.url), let handle = curl_easy_init() else { return nil }
        let context = Unmanaged.passUnretained(self).toOpaque()
        var codes = [
            ccurl_set_string(handle, CURLOPT_URL, request.url),
            ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1),  // no SIGALRM, no SIGPIPE from a library in a threaded process
            ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            ccurl_set_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, url.scheme == "https" ? "https" : "http,https"),
            ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, request.followRedirects ? 1 : 0),
            ccurl_set_long(handle, CURLOPT_MAXREDIRS, 3),
            ccurl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, request.totalTimeout.wholeMilliseconds),
            ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds),
            ccurl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, request.lowSpeed.bytesPerSecond),
            ccurl_set_long(handle, CURLOPT_LOW_SPEED_TIME, max(1, request.lowSpeed.period.wholeMilliseconds / 1_000)),
            ccurl_set_offset(handle, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(request.maxBodyBytes)),
            ccurl_set_string(handle, CURLOPT_USERAGENT, "cloudoptim-ml-server"),
            ccurl_set_body_sink(
                handle,
                { Transfer.at($3).body(UnsafeRawBufferPointer(start: $0, count: $1 * $2)) },
                context
            ),
            ccurl_set_header_sink(
                handle,
                { Transfer.at($3).header(UnsafeRawBufferPointer(start: $0, count: $1 * $2)) },
                context
            ),
        ]
        if let from = request.rangeFrom {
            codes.append(ccurl_set_string(handle, CURLOPT_RANGE, "\(from)-"))
        } else if request.acceptsGzip {
            codes.append(ccurl_set_string(handle, CURLOPT_ACCEPT_ENCODING, "gzip"))
        }
        codes += setMethod(handle)
        codes += setFields(handle)
        guard codes.allSatisfy({ $0 == CURLE_OK }) else {
            curl_easy_cleanup(handle)
            return nil
        }
        self.handle = handle
        return handle
    }

    /// Ends the transfer with libcurl's verdict.
    func complete(_ code: CURLcode) {
        if isCancelled {
            return end(.failure(error(.cancelled, "cancelled")))
        }
        if code == CURLE_OK, failure == nil { deliverHead() }
        if let failure { return end(.failure(failure)) }
        end(code == CURLE_OK ? .success(response) : .failure(verdict(code)))
    }

    func end(_ outcome: Outcome) {
        if let handle { curl_easy_cleanup(handle) }
        if let fields { curl_slist_free_all(fields) }
        handle = nil
        fields = nil
        finish(outcome)
    }

    func error(_ code: FetchError.Code, _ message: String, cause: (any Error)? = nil) -> FetchError {
        FetchError(code, message, at: place, cause: cause)
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> Transfer {
        // The loop keeps every running transfer alive until its handle is gone.
        Unmanaged<Transfer>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
    }

    private func header(_ line: UnsafeRawBufferPointer) -> Int {
        // Each hop of a redirect, and each 1xx, starts anew with its own status line.
        if line.starts(with: Array("HTTP/".utf8)) {
            response.headers.removeAll()
        } else {
            response.headers.append(line: line)
        }
        return line.count
    }

    private func body(_ bytes: UnsafeRawBufferPointer) -> Int {
        if isCancelled { return 0 }
        deliverHead()
        guard failure == nil else { return 0 }
        received += bytes.count
        if received > request.maxBodyBytes {
            failure = error(.tooLarge, "the body is longer than \(request.maxBodyBytes) bytes")
            return 0
        }
        guard let onBytes, response.isSuccess else {
            let room = onBytes == nil ? bytes.count : max(0, Self.longestReason - response.body.count)
            response.body.append(contentsOf: bytes.prefix(room))
            return bytes.count
        }
        do {
            try onBytes(bytes)
            return bytes.count
        } catch {
            failure = self.error(.receiver, "the body was refused", cause: error)
            return 0
        }
    }

    private func deliverHead() {
        guard !headDelivered, let handle else { return }
        headDelivered = true
        response.status = ccurl_get_long(handle, CURLINFO_RESPONSE_CODE)
        guard let onHead else { return }
        do {
            try onHead(response)
        } catch {
            failure = self.error(.receiver, "the answer was refused", cause: error)
        }
    }

    private func setMethod(_ handle: UnsafeMutableRawPointer) -> [CURLcode] {
        var codes: [CURLcode] = []
        if let body = request.body {
            codes.append(ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
            // libcurl copies; the size has to be known first.
            codes.append(
                body.withUnsafeBytes { bytes in
                    let text = bytes.assumingMemoryBound(to: CChar.self).baseAddress
                    return text.map { ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, $0) }
                        ?? ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, "")
                }
            )
            if request.method != "POST" {
                codes.append(ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method))
            }
        } else if request.method == "HEAD" {
            codes.append(ccurl_set_long(handle, CURLOPT_NOBODY, 1))
        } else if request.method == "POST" {
            codes.append(ccurl_set_long(handle, CURLOPT_POSTFIELDSIZE, 0))
            codes.append(ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, ""))
        } else if request.method != "GET" {
            codes.append(ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method))
        }
        return codes
    }

    private func setFields(_ handle: UnsafeMutableRawPointer) -> [CURLcode] {
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        if let tag = request.ifNoneMatch { lines.append("If-None-Match: \(tag)") }
        if let date = request.ifModifiedSince { lines.append("If-Modified-Since: \(date)") }
        if request.rangeFrom != nil, let tag = request.ifRange { lines.append("If-Range: \(tag)") }
        if request.body != nil { lines.append("Expect:") }  // a server that never says 100 would cost a second
        for line in lines {
            // A header value cannot be allowed to begin a header of its own.
            let clean = line.filter { $0 != "\r" && $0 != "\n" && $0 != "\r\n" && $0 != "\0" }
            guard let longer = curl_slist_append(fields, clean) else { return [CURLE_OUT_OF_MEMORY] }
            fields = longer
        }
        return fields.map { [ccurl_set_list(handle, CURLOPT_HTTPHEADER, $0)] } ?? []
    }
}
