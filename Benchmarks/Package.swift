// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A target of the server, or some files of one, under a link.
func linked(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Linked/\(name)", swiftSettings: strict)
}

/// A program that measures; `swift build --product` builds no more of the rest than it needs.
func benchmark(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .executableTarget(
        name: "\(name)-benchmark",
        dependencies: dependencies,
        path: name,
        exclude: exclude,
        swiftSettings: strict
    )
}

// A package of its own: none of the server's libraries and no server is needed.
let package = Package(
    name: "benchmarks",
    targets: [
        linked("Contract"),
        linked("Calendar"),
        linked("Engines", ["Contract", "Calendar"]),
        // The few files that read the Spot Advisor feed.
        linked("Feed", ["Contract"]),
        benchmark("engines", ["Contract", "Engines", "Feed"]),
        benchmark("fleet", ["Contract", "Engines"]),
        benchmark("sizing", ["Contract", "Engines"]),
        benchmark("consolidation", ["Contract", "Engines"], exclude: ["cluster.py"]),
        benchmark("reading", ["Contract"], exclude: ["dump.py", "run"]),
    ]
)
