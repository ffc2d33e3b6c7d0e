import Fetch
import Synchronization

/// The parser of one offer file while it is being downloaded, over as many connections as it takes.
final class OfferDownload: Sendable {
    private struct State: ~Copyable {
        var offer: OnDemandOffer?
        var received = 0
        var etag: String?
    }

    private let region: String
    private let document: String
    private let state: Mutex<State>

    init(region: String, document: String) {
        self.region = region
        self.document = document
        state = Mutex(State(offer: OnDemandOffer(region: region, document: document)))
    }

    /// Where to go on and for which version of the file; nothing before the first byte, or without a strong ETag.
    var resumption: (from: Int?, etag: String?) {
        state.withLock { state in
            guard state.received > 0, let etag = state.etag, !etag.hasPrefix("W/") else { return (nil, nil) }
            return (state.received, etag)
        }
    }

    func restart() {
        state.withLock { state in
            state.offer = OnDemandOffer(region: region, document: document)
            state.received = 0
            state.etag = nil
        }
    }

    /// Compares what the server sends with what was asked for: anything but the wanted rest starts over.
    func begin(_ head: FetchResponse) throws {
        guard head.isSuccess else { return }
        let expected = state.withLock { $0.received }
        if head.status == 206, head.headers["content-range"]?.hasPrefix("bytes \(expected)-") ?? false { return }
        if head.status == 206 {
            throw PricingError(.invalid, "the server sent another part than asked for", in: document)
        }
        restart()
        state.withLock { $0.etag = head.etag }
    }

    func feed(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state throws(PricingError) in
            state.received += bytes.count
            try state.offer?.feed(bytes)
        }
    }

    func finish() throws(PricingError) -> OnDemandPriceList {
        try state.withLock { state throws(PricingError) in
            guard let offer = state.offer.take() else {
                throw PricingError(.invalid, "read twice", in: document)
            }
            return try offer.finish()
        }
    }
}
