/// Sends HTTP requests from one thread of its own, so that no transfer ever occupies the cooperative pool.
///
/// Connections are kept and reused. Cancelling the awaiting task ends its transfer at once.
package final class Fetcher: Sendable {
    private let loop: TransferLoop

    /// - Throws: ``FetchError`` when the process is out of threads or memory.
    package init(maxConnections: Int = 16, maxConnectionsPerHost: Int = 8) throws(FetchError) {
        guard let loop = TransferLoop(maxConnections: maxConnections, maxConnectionsPerHost: maxConnectionsPerHost)
        else {
            throw FetchError(.connect, "libcurl or its thread could not be started", at: "fetcher")
        }
        self.loop = loop
    }

    deinit { loop.stop() }

    /// Ends every transfer under way as cancelled; later requests are refused.
    package func shutdown() { loop.stop() }

    /// Sends one request once and collects the body.
    package func send(_ request: FetchRequest) async throws(FetchError) -> FetchResponse {
        try await perform(request, onHead: nil, onBytes: nil)
    }

    /// Sends one request and hands the body over piece by piece, so that its size does not matter.
    ///
    /// Both receivers run on the transfer thread: the server is held back while they work, and so are this
    /// fetcher's other transfers. They must not wait. Throwing from either ends the transfer with code `receiver`.
    /// Only a 2xx body is handed over; that of a refusal is in the response.
    /// `onHead` is called once, before the first byte; the pointer given to `onBytes` is valid during the call only.
    package func stream(
        _ request: FetchRequest,
        onHead: @escaping @Sendable (FetchResponse) throws -> Void = { _ in },
        onBytes: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws(FetchError) -> FetchResponse {
        try await perform(request, onHead: onHead, onBytes: onBytes)
    }

    private func perform(
        _ request: FetchRequest,
        onHead: (@Sendable (FetchResponse) throws -> Void)?,
        onBytes: (@Sendable (UnsafeRawBufferPointer) throws -> Void)?
    ) async throws(FetchError) -> FetchResponse {
        guard FetchURL(request.url) != nil else {
            throw FetchError(.invalidURL, "not an absolute http or https URL", at: FetchURL.display(request.url))
        }
        let ticket = CancellationTicket()
        let outcome: Transfer.Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let transfer = Transfer(request, onHead: onHead, onBytes: onBytes) {
                    continuation.resume(returning: $0)
                }
                if ticket.attach(transfer) { transfer.markCancelled() }
                loop.submit(transfer)
            }
        } onCancel: {
            if let transfer = ticket.cancel() { loop.cancel(transfer) }
        }
        return try outcome.get()
    }
}
