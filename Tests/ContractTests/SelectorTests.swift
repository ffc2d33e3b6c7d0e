import Contract
import Testing

@Suite("Selectors, taints and tolerations")
struct SelectorTests {
    private static let labels: Labels = ["app": "web", "tier": "front", "cores": "8"]

    @Test(
        "a label requirement matches as the API machinery has it",
        arguments: [
            ("app", "In", ["web"], true), ("app", "In", ["db", "web"], true), ("app", "In", ["db"], false),
            ("none", "In", ["web"], false), ("app", "In", [], false), ("app", "NotIn", ["web"], false),
            ("app", "NotIn", ["db"], true), ("none", "NotIn", ["web"], true), ("app", "Exists", [], true),
            ("none", "Exists", [], false), ("app", "DoesNotExist", [], false), ("none", "DoesNotExist", [], true),
        ] as [(String, String, [String], Bool)]
    )
    func labelRequirement(key: String, name: String, values: [String], matches: Bool) throws {
        let word = try #require(LabelSelector.Operator(rawValue: name))
        let requirement = LabelSelector.Requirement(key: key, operator: word, values: values)
        #expect(LabelSelector(matchExpressions: [requirement]).matches(Self.labels) == matches)
        let node = try #require(NodeSelectorTerm.Operator(rawValue: name))
        let term = NodeSelectorTerm(matchExpressions: [.init(key: key, operator: node, values: values)])
        #expect(term.matches(Self.labels, nodeName: "a") == matches)
    }

    @Test(
        "Gt and Lt compare whole numbers and nothing else",
        arguments: [
            ("cores", "Gt", ["7"], true), ("cores", "Gt", ["8"], false), ("cores", "Lt", ["9"], true),
            ("cores", "Lt", ["8"], false), ("app", "Gt", ["1"], false), ("none", "Gt", ["1"], false),
            ("cores", "Gt", [], false), ("cores", "Gt", ["1", "2"], false), ("cores", "Gt", ["x"], false),
            ("cores", "Gt", ["99999999999999999999"], false),
        ] as [(String, String, [String], Bool)]
    )
    func numbers(key: String, name: String, values: [String], matches: Bool) throws {
        let word = try #require(NodeSelectorTerm.Operator(rawValue: name))
        let term = NodeSelectorTerm(matchExpressions: [.init(key: key, operator: word, values: values)])
        #expect(term.matches(Self.labels, nodeName: "a") == matches)
    }

    @Test("an empty selector matches everything, an empty node term nothing, and all parts must hold")
    func emptiness() {
        #expect(LabelSelector().matches([:]))
        #expect(!NodeSelectorTerm().matches(Self.labels, nodeName: "a"))
        let both = LabelSelector(
            matchLabels: ["app": "web"],
            matchExpressions: [.init(key: "tier", operator: .in, values: ["back"])]
        )
        #expect(!both.matches(Self.labels))
        let field = NodeSelectorTerm(matchFields: [.init(key: "metadata.name", operator: .in, values: ["a"])])
        #expect(field.matches([:], nodeName: "a"))
        #expect(!field.matches([:], nodeName: "b"))
    }

    @Test(
        "a toleration bears exactly the taints it names",
        arguments: [
            (Toleration(operator: .exists), true),
            (Toleration(key: "gpu", operator: .exists), true),
            (Toleration(key: "gpu", operator: .exists, effect: .noSchedule), true),
            (Toleration(key: "gpu", operator: .exists, effect: .noExecute), false),
            (Toleration(key: "gpu", value: "yes", effect: .noSchedule), true),
            (Toleration(key: "gpu", value: "no", effect: .noSchedule), false),
            (Toleration(key: "gpu", value: "yes"), true),
            (Toleration(key: "other", operator: .exists), false),
            (Toleration(value: "yes"), true),
            (Toleration(key: "gpu"), false),
        ]
    )
    func toleration(_ toleration: Toleration, tolerates: Bool) {
        let taint = Taint(key: "gpu", value: "yes", effect: .noSchedule)
        #expect(toleration.tolerates(taint) == tolerates)
        #expect([toleration].tolerate([taint]) == tolerates)
    }

    @Test("soft taints keep nobody away, and every hard one must be tolerated")
    func taints() {
        let soft = Taint(key: "a", effect: .preferNoSchedule)
        let hard = [Taint(key: "b", effect: .noSchedule), Taint(key: "c", effect: .noExecute)]
        #expect([Toleration]().tolerate([soft]))
        #expect(![Toleration(key: "b", operator: .exists)].tolerate(hard))
        #expect([Toleration(key: "b", operator: .exists), Toleration(key: "c", operator: .exists)].tolerate(hard))
    }

    @Test("a pod affinity term means its own namespace unless it names others")
    func namespaces() {
        var term = PodAffinityTerm(selector: LabelSelector(), topologyKey: "zone")
        #expect(term.covers(namespace: "a", labels: [:], own: "a"))
        #expect(!term.covers(namespace: "b", labels: [:], own: "a"))
        term.namespaces = ["b"]
        #expect(!term.covers(namespace: "a", labels: [:], own: "a"))
        term.namespaceSelector = LabelSelector(matchLabels: ["team": "x"])
        #expect(term.covers(namespace: "c", labels: ["team": "x"], own: "a"))
        #expect(term.covers(namespace: "b", labels: [:], own: "a"))
        term.namespaceSelector = LabelSelector()
        #expect(term.covers(namespace: "anything", labels: [:], own: "a"))
    }

    @Test("label keys narrow a selector by the pod's own labels")
    func labelKeys() throws {
        let term = PodAffinityTerm(
            selector: LabelSelector(matchLabels: ["app": "web"]),
            topologyKey: "zone",
            matchLabelKeys: ["hash", "absent"],
            mismatchLabelKeys: ["tenant"]
        )
        let selector = try #require(term.effectiveSelector(for: ["app": "web", "hash": "1", "tenant": "a"]))
        #expect(selector.matches(["app": "web", "hash": "1", "tenant": "b"]))
        #expect(!selector.matches(["app": "web", "hash": "2", "tenant": "b"]))
        #expect(!selector.matches(["app": "web", "hash": "1", "tenant": "a"]))
    }

    @Test("host ports conflict on the same port, protocol and an address in common")
    func hostPorts() {
        let any = HostPort(port: 80)
        #expect(any.conflicts(with: HostPort(port: 80, hostIP: "10.0.0.1")))
        #expect(!HostPort(port: 80, hostIP: "10.0.0.2").conflicts(with: HostPort(port: 80, hostIP: "10.0.0.1")))
        #expect(!any.conflicts(with: HostPort(port: 80, protocol: "UDP")))
        #expect(!any.conflicts(with: HostPort(port: 81)))
    }
}
