import Access
import CustomEngines
import Decisions
import Hummingbird
import Jobs
import Pricing
import Registry
import Settings
import SystemPackage
import ThreadExecution

/// Puts middlewares and routes together.
struct RouterBuilder {
    static let prefix = "/api/v1/ml"

    let keys: KeyCache
    let jobs: JobGateway
    let archive: DecisionArchive
    let history: DecisionHistory
    let engines: EngineStore
    let schedules: ScheduleStore
    let models: ModelStore
    let refreshes: RefreshHistory
    let regions: RegionList
    let predictor: Predictor
    let prices: PriceStore
    let priceCache: PriceCache
    let health: HealthProbe
    let watch: OperationsWatch
    let compute: ComputePool
    let settings: ServerSettings

    func router() -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestIDMiddleware())
        router.add(middleware: ErrorMiddleware())
        ServiceRoutes(prefix: Self.prefix).add(to: router)
        HealthRoutes(probe: health).add(to: router, prefix: Self.prefix)

        let body = RequestBody(maxBytes: settings.http.maxBodyMegabytes << 20)
        let group = router.group(RouterPath(Self.prefix)).add(middleware: AuthenticationMiddleware(keys: keys))
        let validator = DecisionValidator(
            regions: regions,
            compute: compute,
            defaultRegion: settings.pricing.region,
            maxBytes: settings.http.maxBodyMegabytes << 20
        )
        let answers = SynchronousAnswer(jobs: jobs, defaultWait: settings.http.decisionWait)
        DecisionRoutes(body: body, validator: validator, answers: answers).add(to: group)
        DecisionLogRoutes(jobs: jobs, archive: archive, history: history, answers: answers).add(to: group)
        EngineRoutes(body: body, engines: engines, tests: EngineTestRun(jobs: jobs)).add(to: group)
        let submission = JobSubmission(validator: validator, defaultRegion: settings.pricing.region)
        SubmissionRoutes(jobs: jobs, body: body, submission: submission).add(to: group)
        ScheduleRoutes(body: body, form: ScheduleForm(submission: submission), store: schedules).add(to: group)
        JobRoutes(jobs: jobs).add(to: group)
        JobActionRoutes(jobs: jobs).add(to: group)
        QueueRoutes(jobs: jobs, watch: watch).add(to: group)
        let region = settings.pricing.region
        PricingRoutes(jobs: jobs, body: body, prices: prices, cache: priceCache, defaultRegion: region).add(to: group)
        PriceHistoryRoutes(prices: prices).add(to: group)
        LatestPriceRoutes(prices: prices, cache: priceCache).add(to: group)
        GapFillerRoutes(
            jobs: jobs,
            body: body,
            prices: prices,
            defaultRegion: region,
            callRate: settings.aws.callRate
        ).add(to: group)
        ModelRoutes(
            jobs: jobs,
            body: body,
            form: ModelUploadForm(
                folder: FilePath(settings.models.folder),
                maximumBytes: Int64(settings.models.maximumMegabytes) << 20,
                compute: compute
            ),
            store: models,
            importWait: settings.http.decisionWait
        ).add(to: group)
        RefreshRoutes(
            jobs: jobs,
            body: body,
            store: models,
            history: refreshes,
            schedules: schedules,
            prices: prices,
            defaultRegion: region,
            callRate: settings.aws.callRate
        ).add(to: group)
        PredictionRoutes(body: body, predictor: predictor, log: predictor.log).add(to: group)
        MethodNotAllowed.add(to: router)
        return router
    }
}
