import Contract
import Decisions
import Engines
import FoundationEssentials
import Jobs
import ThreadExecution

/// Makes a logged decision again, from what it was made of, and says whether it comes out the same.
struct DecisionReplayHandler: JobHandler {
    let kind = JobKind.decisionReplay
    let archive: DecisionArchive
    let customs: CustomDecisions
    let compute: ComputePool
    let defaults: EngineDefaults

    private struct Order: Decodable {
        let execution_id: String
    }

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        guard let order = try? JSONDecoder().decode(Order.self, from: Data(job.payload.utf8)),
            let execution = JobID(order.execution_id)
        else { return .failed(JobFailure(code: "invalid_value", message: "the payload names no execution_id")) }
        do {
            let archived = try await archive.decision(execution, tenant: job.tenant)
            return .succeeded(result: try await replay(archived))
        } catch let error as APIError {
            return .failed(JobFailure(error))
        } catch let gap as ArchiveGap {
            return .failed(JobFailure(APIError(gap, execution)))
        }
    }

    private func replay(_ archived: ArchivedDecision) async throws -> String {
        let (logged, question, builtin) = try await compute.run { try builtinDecision(archived) }
        let decision = try await customs.decision(builtin, logged: logged, question, archived.market)
        return try await compute.run {
            let digest = try MarketSnapshot(archived.market).sha256
            let again = question.response(decision, marketDigest: digest).json
            return Comparison(logged: logged, again: again, execution: archived.execution.description).json.text()
        }
    }

    private func builtinDecision(_ archived: ArchivedDecision) throws -> (JSONValue, Question, Decision) {
        let logged = try JSONParser.parse(archived.result)
        guard let type = DecisionType(rawValue: String(archived.kind.dropFirst("decision.".count))),
            let engine = DecisionEngines.engine(for: type),
            let stamp = logged["timestamp"]?.string, let moment = Timestamp(stamp)
        else { throw APIError(.internalError, "the logged decision names no engine and moment of this build") }
        let question = try Question(
            archived.request,
            engine,
            defaults,
            requestID: logged["request_id"]?.string ?? "",
            now: moment
        )
        return (logged, question, try question.decide(archived.market))
    }
}

/// A logged decision beside the same decision made again.
private struct Comparison {
    let logged: JSONValue
    let again: JSONValue
    let execution: String

    /// What tells nothing about the decision.
    private static let incidental: Set<String> = ["processing_time_ms"]

    var json: JSONValue {
        let differences = differing
        return [
            "execution_id": .string(execution),
            "identical": .bool(differences.isEmpty),
            "differences": .array(differences.map { .string($0) }),
            "engine_version": [
                "logged": logged["engine_version"] ?? nil, "now": again["engine_version"] ?? nil,
            ],
            "decision": again,
        ]
    }

    /// The members that are not the same, byte for byte.
    private var differing: [String] {
        var names: [String] = []
        for name in (logged.object?.keys ?? []) + (again.object?.keys ?? [])
        where !Self.incidental.contains(name) && !names.contains(name)
            && logged[name]?.bytes() != again[name]?.bytes()
        {
            names.append(name)
        }
        return names
    }
}

extension APIError {
    init(_ gap: ArchiveGap, _ execution: JobID) {
        switch gap {
        case .unknown: self.init(.notFound, "there is no decision \(execution)", field: "execution_id")
        case .undecided: self.init(.conflict, "\(execution) has no decision to make again", field: "execution_id")
        case .inputGone: self.init(.gone, "the input of \(execution) is not kept any more", field: "execution_id")
        }
    }
}
