// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// A package of its own, with a link to the module it measures, of which it takes what needs no other: it builds in a minute.
let package = Package(
    name: "models-benchmark",
    targets: [
        .target(
            name: "Models",
            path: "Sources/Models",
            sources: ["Trees", "Boosters", "Matrix.swift", "ModelRejection.swift"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "models-benchmark",
            dependencies: ["Models"],
            path: "Sources/ModelsBenchmark",
            swiftSettings: strict
        ),
    ]
)
