// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// A package of its own, with links to the targets it measures: it builds in a minute, and no server is needed.
let package = Package(
    name: "sizing-benchmark",
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
            name: "sizing-benchmark",
            dependencies: ["Contract", "Engines"],
            path: "Sources/SizingBenchmark",
            swiftSettings: strict
        ),
    ]
)
