import Contract
import Fetch
import FoundationEssentials
import Jobs
import Pricing

/// Completes a stretch of the spot price history: finds what is missing and has it fetched, window by window.
///
/// A parent job: each window is a job of its own, so any worker takes any of them, a crash repeats one window, and what was
/// fetched already is never asked for again.
struct SpotHistoryHandler: JobHandler {
    let kind = JobKind.spotHistory
    let prices: PriceStore
    let sources: PriceSources
    let ledger: JobLedger

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        do {
            let order = try SpotHistoryOrder(payload: job.payload)
            let types = try await resolve(order.instanceTypes)
            guard let wanted = Self.fillable(order, now: Date()) else {
                return .succeeded(result: Self.report(order, parts: [], now: Date()).text())
            }
            let gaps = try await prices.gaps(
                regions: try await regions(order),
                instanceTypes: types,
                products: order.products,
                wanted: wanted
            )
            let windows = SpotHistoryPlan(gaps, products: order.products).windows
            guard !windows.isEmpty else {
                return .succeeded(result: Self.report(order, parts: [], now: Date()).text())
            }
            guard try await sources.hasCredentials() else { return .failed(Self.noCredentials) }
            let children = windows.map { window in
                NewJob(tenant: job.tenant, kind: .spotWindow, payload: window.json.text(.canonical), lane: job.lane)
            }
            return .fanOut(FanOut(children: children))
        } catch is MissingCredentials {
            return .failed(Self.noCredentials)
        } catch let error as APIError {
            return .failed(JobFailure(error))
        } catch let error as PricingError {
            return JobOutcome(error)
        } catch let error as FetchError {
            return .retry(JobFailure(code: "fetch_failed", message: error.description, hint: "Check the credentials."))
        }
    }

    private static let noCredentials = JobFailure(
        code: "credentials_missing",
        message: "EC2 tells its price history only to callers with credentials",
        hint:
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the workers a role that may ec2:DescribeSpotPriceHistory."
    )

    private struct MissingCredentials: Error {}

    /// Names for `all`: the regions that are open to the account.
    private func regions(_ order: SpotHistoryOrder) async throws -> [String] {
        guard order.regions == [SpotHistoryOrder.everyRegion] else { return order.regions }
        guard try await sources.hasCredentials() else { throw MissingCredentials() }
        return try await sources.regions(of: sources.home).regions()
    }

    func finish(_ job: ClaimedJob, children: ChildCounts) async throws -> JobOutcome {
        let parts = try await ledger.results(ofChildrenOf: job.id)
        guard children.failed == 0 else {
            let succeeded = children.total - children.open - children.failed
            return .failed(
                JobFailure(
                    code: "children_failed",
                    message: "\(children.failed) of \(children.total) windows failed, \(succeeded) are in",
                    hint:
                        "Send the same order again: only what is missing is fetched. The windows' jobs name their errors."
                )
            )
        }
        do {
            return .succeeded(
                result: Self.report(try SpotHistoryOrder(payload: job.payload), parts: parts, now: Date()).text()
            )
        } catch {
            return .failed(JobFailure(error))
        }
    }

    /// The part of the wish that AWS still keeps and that has happened already.
    private static func fillable(_ order: SpotHistoryOrder, now: Date) -> Range<Date>? {
        let from = max(order.from.date, now.addingTimeInterval(-SpotHistoryPlan.retention))
        let until = min(order.until.date, now)
        return from < until ? from..<until : nil
    }

    /// Names for patterns: EC2 is asked for names.
    private func resolve(_ patterns: [String]) async throws -> [String] {
        let (names, unmatched) = try await prices.typeNames(matching: patterns)
        if let pattern = unmatched.first {
            throw APIError(
                .invalidValue,
                "\(pattern) matches none of the known instance types",
                field: "instance_types",
                hint: "Send names such as m5.large, or patterns such as m5.*."
            )
        }
        return names
    }

    /// What the gap's status shows once it has ended.
    private static func report(_ order: SpotHistoryOrder, parts: [String], now: Date) -> JSONValue {
        let documents = parts.compactMap { try? JSONParser.parse($0) }
        func sum(_ name: String) -> Int64 { documents.reduce(0) { $0 + ($1[name]?.integer ?? 0) } }
        let oldest = now.addingTimeInterval(-SpotHistoryPlan.retention)
        var unfillable = JSONValue.null
        if order.from.date < oldest {
            unfillable = [
                "from": .string(order.from.description),
                "until": .string(Timestamp(min(order.until.date, oldest)).description),
                "reason": "AWS keeps the spot price history for 90 days; what is older cannot be had any more",
            ]
        }
        return [
            "status": unfillable.isNull ? "completed" : "partial", "records_filled": .integer(sum("inserted")),
            "records_received": .integer(sum("received")), "malformed": .integer(sum("malformed")),
            "windows": .integer(Int64(parts.count)), "unfillable": unfillable, "model_id": .optional(order.modelID),
            "gap_days": .rounded(order.until.date.timeIntervalSince(order.from.date) / 86_400, 2),
        ]
    }
}

extension SpotHistoryOrder {
    /// Reads the payload of a job.
    init(payload: String) throws(APIError) {
        let document = try JSONValue(body: Array(payload.utf8))
        try self.init(JSONReader(document), now: Timestamp(Date()))
    }
}
