// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func linked(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: strict)
}

// A package of its own, with links to the targets it measures: it builds in a few minutes, and no server is needed.
let package = Package(
    name: "engines-benchmark",
    targets: [
        linked("Contract"),
        linked("Calendar"),
        linked("Engines", ["Contract", "Calendar"]),
        // Links to the few files that read the Spot Advisor feed.
        linked("Feed", ["Contract"]),
        .executableTarget(
            name: "engines-benchmark",
            dependencies: ["Contract", "Engines", "Feed"],
            path: "Sources/EnginesBenchmark",
            swiftSettings: strict
        ),
    ]
)
