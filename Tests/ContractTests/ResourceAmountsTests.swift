import Contract
import Testing

@Suite("Amounts of resources")
struct ResourceAmountsTests {
    @Test("sums and differences stop at the ends instead of trapping")
    func saturation() {
        let huge = ResourceAmounts(cpu: .max, memory: .max, extended: ["gpu": .max])
        #expect((huge + huge).cpu == .max)
        #expect((huge + huge).extended["gpu"] == .max)
        let debt = ResourceAmounts.zero - huge - huge
        #expect(debt.memory == .min)
        #expect(Int64.max.multipliedClamped(by: -2) == .min)
        #expect(Int64.min.multipliedClamped(by: -2) == .max)
        #expect(Int64.min.subtractingClamped(1) == .min)
    }

    @Test("what is not asked for is never short, and the shortage is named")
    func shortage() {
        let free = ResourceAmounts(cpu: -5, memory: 10, pods: 1)
        #expect(ResourceAmounts(memory: 10, pods: 1).fits(in: free))
        #expect(ResourceAmounts(cpu: 1).shortage(in: free) == "cpu")
        #expect(ResourceAmounts(extended: ["nvidia.com/gpu": 1]).shortage(in: free) == "nvidia.com/gpu")
        #expect(ResourceAmounts(pods: 2).shortage(in: free) == "pods")
    }

    @Test("zeros leave no trace in sums")
    func zeros() {
        let gpu = ResourceAmounts(extended: ["gpu": 1])
        #expect((gpu - gpu).isZero)
        #expect(ResourceList(cpu: 0, extended: ["gpu": 0]).amounts.isZero)
    }

    @Test("a request that is not written is the limit, one that is written stays")
    func defaults() {
        var container = Container(name: "c")
        container.requests = ResourceList(cpu: 0)
        container.limits = ResourceList(cpu: 500, memory: 100, extended: ["gpu": 2])
        #expect(container.effectiveRequest == ResourceAmounts(cpu: 0, memory: 100, extended: ["gpu": 2]))
    }

    @Test("sidecars count while the pod runs and while later init containers run")
    func sidecars() {
        func container(_ cpu: Int64, sidecar: Bool = false) -> Container {
            Container(name: "c", requests: ResourceList(cpu: cpu), isRestartableInit: sidecar)
        }
        var pod = Pod(meta: ObjectMeta(name: "p"))
        pod.containers = [container(100), container(50)]
        pod.initContainers = [
            container(300), container(40, sidecar: true), container(200), container(10, sidecar: true),
        ]
        #expect(pod.effectiveRequest.cpu == 300)
        pod.initContainers[2] = container(270)
        #expect(pod.effectiveRequest.cpu == 310)
        pod.initContainers = [container(40, sidecar: true), container(60, sidecar: true)]
        #expect(pod.effectiveRequest.cpu == 250)
        pod.overhead = ResourceList(cpu: 7)
        pod.podRequests = ResourceList(cpu: 1000)
        #expect(pod.effectiveRequest.cpu == 1007)
        #expect(pod.effectiveRequest.pods == 1)
        pod.podRequests = nil
        pod.podLimits = ResourceList(cpu: 9000, memory: 5)
        #expect(pod.effectiveRequest.cpu == 257)
        #expect(pod.effectiveRequest.memory == 5)
    }

    @Test("the quality of service follows from requests and limits")
    func qualityOfService() {
        var pod = Pod(meta: ObjectMeta(name: "p"))
        pod.containers = [Container(name: "c")]
        #expect(pod.derivedQoSClass == .bestEffort)
        pod.containers[0].limits = ResourceList(cpu: 1, memory: 1)
        #expect(pod.derivedQoSClass == .guaranteed)
        pod.containers[0].requests = ResourceList(memory: 0)
        #expect(pod.derivedQoSClass == .burstable)
    }

    @Test(
        "a budget's percentage is rounded up",
        arguments: [(50, 3, 2), (0, 5, 0), (100, 7, 7), (1, 1, 1), (30, 0, 0)]
    )
    func threshold(percent: Int64, total: Int64, count: Int64) {
        #expect(PodDisruptionBudget.Threshold.percent(percent).count(of: total) == count)
    }

    @Test("a table keeps its keys in order, each once, whatever the order they came in")
    func table() {
        var table = NameTable<Int64>([.init(key: "b", value: 1), .init(key: "a", value: 2), .init(key: "b", value: 3)])
        #expect(table.keys == ["a", "b"])
        #expect(table["b"] == 1)
        table["aa"] = 5
        table["a"] = nil
        #expect(table.map(\.value) == [5, 1])
        #expect(NameTable(["x": 1, "y": 2]) == ["y": 2, "x": 1])
    }
}
