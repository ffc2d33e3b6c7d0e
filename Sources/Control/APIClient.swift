import Contract
import Fetch

/// The API as the operators' tool calls it.
struct APIClient {
    private let base: String
    private let key: String
    private let fetcher: Fetcher

    init(url: String, key: String) throws {
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.key = key
        fetcher = try Fetcher()
    }

    func shutdown() {
        fetcher.shutdown()
    }

    /// Sends a request that may be answered later.
    ///
    /// - Returns: The job's id.
    func submit(path: String, body: [UInt8]) async throws -> String {
        var request = FetchRequest(method: "POST", url: base + path, body: body)
        request.headers = [("Content-Type", "application/json"), ("Prefer", "respond-async")]
        guard let id = try await send(request)["job_id"]?.string else {
            throw ControlError("\(base) answered without a job id; is it a CloudOptim ML Server?")
        }
        return id
    }

    /// The job once it has ended.
    func wait(for id: String, seconds: Int) async throws -> JSONValue {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let left = max(1, min(30, Int((deadline - ContinuousClock.now).components.seconds)))
            let job = try await send(FetchRequest(url: "\(base)/api/v1/ml/jobs/\(id)?wait=\(left)"))
            let state = job["state"]?.string.flatMap(JobStatusBody.State.init(rawValue:))
            if state?.isFinal ?? true { return job }
            guard ContinuousClock.now < deadline else {
                throw ControlError(
                    "the job \(id) is still \(state?.rawValue ?? "running") after \(seconds) seconds; it goes on"
                )
            }
        }
    }

    private func send(_ request: FetchRequest) async throws -> JSONValue {
        var request = request
        request.headers.append(("X-API-Key", key))
        let response: FetchResponse
        do {
            response = try await fetcher.send(request)
        } catch {
            throw ControlError("the API at \(base) does not answer: \(error.message)")
        }
        guard let body = try? JSONParser.parse(response.body) else {
            throw ControlError("the API at \(base) answered \(response.status) with something that is no JSON")
        }
        guard response.isSuccess else {
            let message = body["error"]?["message"]?.string ?? "no reason given"
            let hint = body["error"]?["hint"]?.string.map { " (\($0))" } ?? ""
            throw ControlError("the API answered \(response.status): \(message)\(hint)")
        }
        return body
    }
}
