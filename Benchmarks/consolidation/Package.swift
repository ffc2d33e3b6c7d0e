// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// A package of its own, with links to the targets it measures: no server is needed.
let package = Package(
    name: "consolidation-benchmark",
    targets: [
        .target(name: "Contract", path: "Sources/Contract", swiftSettings: strict),
        .target(name: "Calendar", path: "Sources/Calendar", swiftSettings: strict),
        .target(
            name: "Engines",
            dependencies: ["Contract", "Calendar"],
            path: "Sources/Engines",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "consolidation-benchmark",
            dependencies: ["Contract", "Engines"],
            path: "Sources/ConsolidationBenchmark",
            swiftSettings: strict
        ),
    ]
)
