// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// A package of its own, with a link to the one target it measures: it builds in a minute, and no server is needed.
let package = Package(
    name: "reading-benchmark",
    targets: [
        .target(name: "Contract", path: "Sources/Contract", swiftSettings: strict),
        .executableTarget(
            name: "reading-benchmark",
            dependencies: ["Contract"],
            path: "Sources/ReadingBenchmark",
            swiftSettings: strict
        ),
    ]
)
