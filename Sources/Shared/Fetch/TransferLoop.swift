import CCurl
import Synchronization
import ThreadExecution

/// The thread that drives all transfers of one ``Fetcher`` through one libcurl multi handle.
///
/// `@unchecked Sendable`: the multi handle belongs to the thread; others only call `curl_multi_wakeup`, which libcurl
/// declares safe from any thread, and only under the lock that also guards the handle's end.
final class TransferLoop: @unchecked Sendable {
    private struct Mailbox {
        var arrivals: [Transfer] = []
        var stopping = false
        var ended = false
    }

    private let mailbox = Mutex(Mailbox())
    private let multi: UnsafeMutableRawPointer
    /// Touched by the thread alone.
    private var running: [UnsafeMutableRawPointer: Transfer] = [:]

    /// libcurl wants this once per process, before any other call.
    private static let libraryReady: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    init?(maxConnections: Int, maxConnectionsPerHost: Int) {
        guard Self.libraryReady, let multi = curl_multi_init() else { return nil }
        self.multi = multi
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, maxConnections)
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, maxConnectionsPerHost)
        // Nobody joins: the last reference to the fetcher may be dropped on this very thread.
        guard OSThread.detach(name: "fetch", { self.run() }) else {
            curl_multi_cleanup(multi)
            return nil
        }
    }

    // MARK: From any thread

    func submit(_ transfer: Transfer) {
        let refused = mailbox.withLock { box in
            guard !box.stopping else { return true }
            box.arrivals.append(transfer)
            curl_multi_wakeup(multi)
            return false
        }
        if refused { transfer.end(.failure(transfer.error(.cancelled, "the fetcher has been shut down"))) }
    }

    func cancel(_ transfer: Transfer) {
        transfer.markCancelled()
        mailbox.withLock { box in
            if !box.ended { curl_multi_wakeup(multi) }
        }
    }

    func stop() {
        mailbox.withLock { box in
            box.stopping = true
            if !box.ended { curl_multi_wakeup(multi) }
        }
    }

    // MARK: On the thread

    private func run() {
        while true {
            let (arrivals, stopping) = mailbox.withLock { box in
                defer { box.arrivals.removeAll() }
                return (box.arrivals, box.stopping)
            }
            for transfer in arrivals { start(transfer) }
            for (handle, transfer) in running where stopping || transfer.isCancelled {
                transfer.markCancelled()
                remove(handle, CURLE_ABORTED_BY_CALLBACK)
            }
            if stopping { break }

            var active: Int32 = 0
            curl_multi_perform(multi, &active)
            var result = CURLE_OK
            while let handle = ccurl_multi_next_done(multi, &result) { remove(handle, result) }
            // A wake-up or a socket ends the wait at once; libcurl shortens it to its own next deadline.
            curl_multi_poll(multi, nil, 0, running.isEmpty ? 60_000 : 1_000, nil)
        }
        mailbox.withLock { $0.ended = true }
        curl_multi_cleanup(multi)
    }

    private func start(_ transfer: Transfer) {
        if transfer.isCancelled { return transfer.complete(CURLE_ABORTED_BY_CALLBACK) }
        guard let handle = transfer.prepare() else {
            return transfer.end(.failure(transfer.error(.malformed, "libcurl could not be set up (out of memory?)")))
        }
        running[handle] = transfer
        if curl_multi_add_handle(multi, handle) != CURLM_OK { remove(handle, CURLE_FAILED_INIT) }
    }

    private func remove(_ handle: UnsafeMutableRawPointer, _ result: CURLcode) {
        curl_multi_remove_handle(multi, handle)
        running.removeValue(forKey: handle)?.complete(result)
    }
}
