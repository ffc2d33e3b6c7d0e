import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Observability

/// `GET /metrics` on a port of its own, for Prometheus: no key, so that port belongs to the inner network.
struct MetricsPage {
    let watch: OperationsWatch

    func router() -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("/metrics") { _, _ in
            // Without the ledger there are no numbers: a missing series scales nothing, a wrong zero would.
            let text = Self.text(try? await watch.reading())
            return Response(
                status: .ok,
                headers: [.contentType: MetricsText.contentType, .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(string: text))
            )
        }
        return router
    }

    static func text(_ reading: OperationsWatch.Reading?) -> String {
        var page = MetricsText()
        page.add(
            "cloudoptim_build_info",
            .gauge,
            "Always 1; the label names the version.",
            [.init(1, [("version", Version.current)])]
        )
        page.add("cloudoptim_ledger_up", .gauge, "1 when PostgreSQL answered this request.", reading == nil ? 0 : 1)
        guard let reading else { return page.text }
        addSignal(reading.signal, to: &page)
        page.add(
            "cloudoptim_jobs",
            .gauge,
            "Jobs that have not ended, and dead letters, by lane, kind and state.",
            reading.counts.map { count in
                .init(
                    Double(count.count),
                    [
                        ("lane", count.lane.rawValue), ("kind", count.kind), ("state", count.state.rawValue),
                        ("held", "\(count.isHeld)"),
                    ]
                )
            }
        )
        guard let audit = reading.audit else { return page.text }
        page.add(
            "cloudoptim_audit_difference",
            .gauge,
            "Accepted jobs that are neither live nor ended nor dropped, or too many; must be 0.",
            Double(audit.difference)
        )
        page.add(
            "cloudoptim_audit_jobs_twice",
            .gauge,
            "Ids that stand among the live and the ended jobs; must be 0.",
            Double(audit.twice)
        )
        page.add(
            "cloudoptim_audit_jobs",
            .gauge,
            "Accepted jobs that the latest audit covered.",
            Double(audit.accepted)
        )
        page.add("cloudoptim_audit_seconds", .gauge, "How long the latest audit took.", audit.seconds)
        page.add(
            "cloudoptim_audit_age_seconds",
            .gauge,
            "Since the latest audit; beyond ten minutes no scheduler audits.",
            max(0, reading.signal.at.timeIntervalSince(audit.at))
        )
        return page.text
    }

    private static func addSignal(_ signal: FleetSignal, to page: inout MetricsText) {
        func lanes(_ value: (FleetSignal.LaneSignal) -> Double) -> [MetricsText.Sample] {
            signal.lanes.map { .init(value($0), [("lane", $0.lane.rawValue)]) }
        }
        page.add(
            "cloudoptim_suggested_workers",
            .gauge,
            "Workers that clear every lane's backlog within its objective.",
            Double(signal.suggestedWorkers)
        )
        page.add("cloudoptim_workers", .gauge, "Workers that take work.", Double(signal.workers))
        page.add("cloudoptim_worker_slots", .gauge, "Jobs they can run at once.", Double(signal.slots))
        page.add("cloudoptim_dead_letters", .gauge, "Dead jobs that can be redriven.", Double(signal.deadLetters))
        page.add(
            "cloudoptim_lane_backlog_worker_seconds",
            .gauge,
            "Waiting work: ready jobs times what a job of their kind takes.",
            lanes(\.backlogSeconds)
        )
        page.add(
            "cloudoptim_lane_oldest_waiting_seconds",
            .gauge,
            "Since when the longest waiting ready job could have run.",
            lanes { max(0, $0.oldestSeconds) }
        )
        page.add("cloudoptim_lane_queued", .gauge, "Ready jobs.", lanes { Double($0.queued) })
        page.add("cloudoptim_lane_held", .gauge, "Jobs that a rule keeps from starting.", lanes { Double($0.held) })
        page.add("cloudoptim_lane_running", .gauge, "Running jobs.", lanes { Double($0.running) })
        page.add(
            "cloudoptim_lane_delayed",
            .gauge,
            "Scheduled jobs and retries whose time has not come.",
            lanes { Double($0.delayed) }
        )
        page.add("cloudoptim_lane_workers", .gauge, "Workers that serve the lane.", lanes { Double($0.workers) })
        page.add("cloudoptim_lane_slots", .gauge, "Their slots.", lanes { Double($0.slots) })
        page.add(
            "cloudoptim_lane_suggested_workers",
            .gauge,
            "Workers that clear this lane alone within its objective.",
            lanes { Double($0.suggestedWorkers) }
        )
        page.add(
            "cloudoptim_lane_objective_seconds",
            .gauge,
            "Within how many seconds the lane's backlog is to be cleared.",
            lanes(\.objectiveSeconds)
        )
        page.add(
            "cloudoptim_lane_estimated",
            .gauge,
            "1 when the lane is too long to be counted and was sampled.",
            lanes { $0.isEstimated ? 1 : 0 }
        )
    }
}
