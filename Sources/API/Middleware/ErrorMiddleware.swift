import Contract
import HTTPTypes
import Hummingbird
import Jobs
import Logging
import NIOCore
import Postgres
import Pricing
import Redis
import Registry

/// Turns whatever a route throws into the one documented error body.
struct ErrorMiddleware: RouterMiddleware {
    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let described = Self.describe(error, request)
            if described.status >= 500 {
                context.logger.error(
                    "request failed",
                    metadata: ["path": "\(request.uri.path)", "error": "\(error)"]
                )
            }
            return Self.response(described, requestID: context.requestID)
        }
    }

    static func response(_ error: APIError, requestID: String) -> Response {
        var headers: HTTPFields = [.contentType: "application/json; charset=utf-8"]
        if let seconds = error.retryAfterSeconds { headers[.retryAfter] = "\(seconds)" }
        if error.status == 401 { headers[.wwwAuthenticate] = #"Bearer realm="cloudoptim", ApiKey realm="cloudoptim""# }
        if let job = error.jobID { headers[.location] = "/api/v1/ml/jobs/\(job)" }
        return Response(
            status: .init(code: error.status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: error.body(requestID: requestID)))
        )
    }

    private static func describe(_ error: any Error, _ request: Request) -> APIError {
        switch error {
        case let error as APIError:
            return error
        case let error as JobError:
            return describe(error)
        case let error as RegistryError:
            return describe(error)
        case let error as HTTPError where error.status == .notFound:
            return APIError(.notFound, "there is no \(request.method.rawValue) \(request.uri.path)")
        case let error as HTTPError where error.status == .contentTooLarge:
            return APIError(.payloadTooLarge, "the body is too large")
        case is HTTPError:
            return APIError(.unreadableBody, "the request cannot be read")
        case let error as PricingError where error.code == .store:
            return .unavailable("the price store does not respond")
        case is CancellationError:
            return .unavailable("the service is stopping")
        case is PostgresError, is RedisError:
            return .unavailable("the store behind this answer does not respond")
        default:
            return APIError(.internalError, "something went wrong on our side")
        }
    }

    private static func describe(_ error: RegistryError) -> APIError {
        switch error {
        case .unknown: APIError(.notFound, "there is no such model any more", field: "model_id")
        case .taken: APIError(.conflict, "the name has this version already", field: "model_version")
        case .inUse(let aliases): APIError(.conflict, "\(aliases.joined(separator: ", ")) still points to it")
        case .notReady(let state): APIError(.conflict, "the model is \(state) and cannot be used yet")
        case .failsSample(let message): APIError(.conflict, "the model does not answer its golden sample: \(message)")
        case .nothingBefore: APIError(.conflict, "there is no other model to go back to")
        case .unreadable(let what): APIError(.internalError, "\(what) cannot be read")
        }
    }

    static func describe(_ error: JobError) -> APIError {
        switch error.code {
        case .draining:
            var described = APIError.unavailable(error.message)
            described.retryAfterSeconds = 30
            return described
        case .keyConflict:
            return APIError(
                .conflict,
                error.message,
                field: "Idempotency-Key",
                hint: "Send another key for another request."
            )
        case .invalidSchedule:
            return APIError(.invalidValue, error.message)
        case .scheduleExists:
            return APIError(.conflict, error.message, field: "name", hint: "Change that one, or choose another name.")
        case .noSchedule:
            return APIError(.notFound, error.message)
        case .overloaded, .unavailable, .unsafeConfiguration:
            return .unavailable(error.message)
        }
    }
}

extension APIError {
    /// 503, to be tried again in a moment.
    static func unavailable(_ message: String) -> APIError {
        var error = APIError(.unavailable, message)
        error.retryAfterSeconds = 2
        return error
    }
}
