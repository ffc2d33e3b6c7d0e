// swift-tools-version:6.2
import Foundation
import PackageDescription

/// CI sets this: a warning of ours then fails the build.
///
/// Dependencies are never affected.
let warningsAreErrors = ProcessInfo.processInfo.environment["CLOUDOPTIM_WARNINGS_AS_ERRORS"] == "1"

let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

// MARK: One helper per kind of target

/// A system C library: a module map and a shim header, nothing else.
func systemLibrary(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Shared/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func shared(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Sources/Shared/\(name)",
        resources: resources,
        swiftSettings: strict
    )
}

/// One of the four processes.
///
/// They wire modules together; nothing depends on them.
func process(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.init(stringLiteral: name), "Support"] + dependencies,
        path: "Tests/\(name)Tests",
        swiftSettings: strict
    )
}

// MARK: Library products

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")

let package = Package(
    name: "cloudoptim-ml-server",
    products: [
        .executable(name: "cloudoptim-api", targets: ["API"]),
        .executable(name: "cloudoptim-worker", targets: ["Worker"]),
        .executable(name: "cloudoptim-scheduler", targets: ["Scheduler"]),
        .executable(name: "cloudoptim", targets: ["Control"]),
        .executable(name: "cloudoptim-sandbox", targets: ["Sandbox"]),
        .executable(name: "cloudoptim-importer", targets: ["Importer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // C libraries
        systemLibrary("CLibpq", pkgConfig: "libpq", apt: "libpq-dev"),
        // No pkgConfig: hiredis.pc carries a flag that SwiftPM refuses with a warning on every build.
        systemLibrary("CHiredis", apt: "libhiredis-dev"),
        systemLibrary("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        systemLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        // No pkgConfig: Debian ships none for bzip2.
        systemLibrary("CBzip2", apt: "libbz2-dev"),
        systemLibrary("CLzma", pkgConfig: "liblzma", apt: "liblzma-dev"),
        systemLibrary("CLz4", pkgConfig: "liblz4", apt: "liblz4-dev"),
        systemLibrary("CLua", pkgConfig: "lua5.4", apt: "liblua5.4-dev"),
        .target(name: "CThread", path: "Sources/Shared/CThread"),
        .target(name: "CConfine", path: "Sources/Shared/CConfine"),

        // Clients: one C library each
        shared("ThreadExecution", ["CThread"]),
        shared("Postgres", ["CLibpq", "ThreadExecution", logging]),
        shared("Redis", ["CHiredis", "ThreadExecution", logging, crypto]),
        shared("Fetch", ["CCurl", "ThreadExecution", crypto]),

        // Rules without I/O
        shared("Contract"),
        shared("Calendar"),
        shared("Engines", ["Calendar", "Contract"]),

        shared("Compression", ["CBzip2", "CLz4", "CLzma", "CZlib"]),
        shared("Models", ["Compression", "Contract"]),

        // Engines that users bring: the program that runs one script, and what surrounds it
        .executableTarget(name: "Sandbox", dependencies: ["CConfine", "CLua"], path: "Sources/Sandbox"),
        // Models: the program that reads one upload
        .executableTarget(
            name: "Importer",
            dependencies: ["CConfine", "Contract", "Models"],
            path: "Sources/Importer",
            swiftSettings: strict
        ),
        shared("Scripts", ["Contract", "Engines", subprocess, systemPackage]),

        // The queue and the data
        shared("Schema", ["Postgres", logging], resources: [.embedInCode("Migrations")]),
        shared("Jobs", ["Calendar", "Contract", "Postgres", "Redis", "ThreadExecution", logging]),
        shared("Access", ["Postgres", crypto]),
        shared("CustomEngines", ["Contract", "Engines", "Postgres", "Scripts", crypto]),
        shared("Predictions", ["Contract", "Engines", "Models"]),
        shared(
            "Registry",
            ["Contract", "Jobs", "Models", "Postgres", "ThreadExecution", crypto, logging, subprocess, systemPackage]
        ),
        shared("Pricing", ["Contract", "Engines", "Postgres", "Redis", "Fetch", "CZlib", "ThreadExecution"]),

        shared(
            "Decisions",
            ["Compression", "Contract", "Engines", "Jobs", "Postgres", "Pricing", "ThreadExecution", crypto]
        ),

        // Set-up that every process shares
        shared(
            "Settings",
            [
                "Observability", "Postgres", "Redis", configuration, logging,
                systemPackage,
            ]
        ),
        shared("Observability", [logging, coreMetrics]),

        // Processes
        process(
            "API",
            [
                "Access", "Calendar", "Compression", "Contract", "CustomEngines", "Decisions", "Jobs", "Models",
                "Predictions",
                "Pricing", "Registry", "Schema", "Scripts", "Engines", "Postgres",
                "Redis", "Settings", "Observability",
                "ThreadExecution", hummingbird, httpTypes, nioCore, lifecycle, logging, metrics, crypto, arguments,
                systemPackage,
            ]
        ),
        process(
            "Worker",
            [
                "Contract", "CustomEngines", "Decisions", "Jobs", "Models", "Predictions", "Pricing", "Registry",
                "Schema",
                "Scripts", "Engines",
                "Postgres", "Redis", "Fetch",
                "Settings", "Observability",
                "ThreadExecution", lifecycle, logging, metrics, crypto, arguments, subprocess,
                systemPackage,
            ]
        ),
        process(
            "Scheduler",
            [
                "Calendar", "Contract", "Jobs", "Pricing", "Schema", "Postgres", "Redis", "Settings", "Observability",
                lifecycle, logging, metrics, arguments,
            ]
        ),
        process(
            "Control",
            [
                "Access", "Calendar", "Contract", "Jobs", "Pricing", "Registry", "Schema", "Engines", "Postgres",
                "Redis", "Fetch",
                "Settings",
                "Observability", "ThreadExecution", logging, crypto, arguments, systemPackage,
            ]
        ),

        // Benchmarks of pure code; the others are scripts that start servers.
        .executableTarget(
            name: "PackingBenchmark",
            dependencies: ["Contract", "Engines"],
            path: "Benchmarks/Packing",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "PricingBenchmark",
            dependencies: [
                "Fetch", "Jobs", "Postgres", "Pricing", "Redis", "Schema", "ThreadExecution", logging,
            ],
            path: "Benchmarks/pricing/Sources",
            swiftSettings: strict
        ),

        // Tests
        .target(
            name: "Support",
            dependencies: ["Postgres", "Redis", "ThreadExecution"],
            path: "Tests/Support",
            swiftSettings: strict
        ),
        // Scripts to compare with, recorded data and seeded chance, for tests that need no server.
        .target(
            name: "OracleSupport",
            dependencies: ["Contract"],
            path: "Tests/OracleSupport",
            swiftSettings: strict
        ),
        // The queue in memory, its conformance suite, simulator and model checker: needs no server.
        .target(name: "QueueModel", path: "Tests/QueueModel", swiftSettings: strict),
        .testTarget(
            name: "QueueModelTests",
            dependencies: ["QueueModel"],
            path: "Tests/QueueModelTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "ContractTests",
            dependencies: ["Contract", "OracleSupport"],
            path: "Tests/ContractTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "EnginesTests",
            dependencies: ["Engines", "Contract", "OracleSupport"],
            path: "Tests/EnginesTests",
            swiftSettings: strict
        ),
        tests(of: "Predictions", ["Contract", "Engines", "Models"]),
        .testTarget(
            name: "ModelsTests",
            dependencies: ["Models", "Contract", "Compression", "OracleSupport"],
            path: "Tests/ModelsTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "ScriptsTests",
            dependencies: ["Scripts", "Engines", "Contract", "Sandbox", "Support", subprocess, systemPackage],
            path: "Tests/ScriptsTests",
            swiftSettings: strict
        ),
        tests(of: "CustomEngines", ["Contract", "Engines", "Postgres", "Schema", "Scripts", logging]),
        tests(of: "Calendar"),
        tests(of: "ThreadExecution"),
        tests(of: "Postgres", ["ThreadExecution", logging]),
        .testTarget(
            name: "FetchTests",
            dependencies: ["Fetch", "ThreadExecution"],
            path: "Tests/FetchTests",
            exclude: ["Resources"],
            swiftSettings: strict
        ),
        tests(of: "Pricing", ["Contract", "Fetch", "Postgres", "Redis", "ThreadExecution", logging]),
        tests(of: "Redis", ["ThreadExecution", logging]),
        tests(of: "Jobs", ["Calendar", "QueueModel", "Postgres", "Redis", "Schema", "ThreadExecution", logging]),
        tests(of: "Access", ["Postgres", "Schema", logging]),
        tests(of: "Observability", ["Contract", logging]),
        tests(of: "Settings", ["Postgres", "Redis", configuration]),
        tests(of: "Worker", ["Jobs", "Postgres", "Redis", "Schema", logging]),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "API", "Worker", "Scheduler", "Control", "Contract", "Fetch", "Jobs", "Postgres", "Redis", "Schema",
                "Support", logging,
            ],
            path: "Tests/SystemTests",
            swiftSettings: strict
        ),
    ]
)
