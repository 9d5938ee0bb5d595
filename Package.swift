// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.strictMemorySafety()]

let package = Package(
  name: "Adjoint",
  platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
  products: [
    .library(name: "Adjoint", targets: ["Adjoint"]),
    .library(name: "AdjointNN", targets: ["AdjointNN"]),
    .library(name: "AdjointCheck", targets: ["AdjointCheck"]),
    .library(name: "AdjointData", targets: ["AdjointData"]),
    .library(name: "AdjointTraining", targets: ["AdjointTraining"]),
    // AdjointCheck links no test framework; these two link one each.
    .library(name: "AdjointTesting", targets: ["AdjointTesting"]),
    .library(name: "AdjointXCTest", targets: ["AdjointXCTest"]),
  ],
  targets: [
    // The inner loops in C, once for each instruction set.
    .target(name: "AdjointKernels"),
    // A kernel reads its operands through spans, whose lifetimes its frame has to state.
    .target(
      name: "Adjoint", dependencies: ["AdjointKernels"],
      swiftSettings: strict + [.enableExperimentalFeature("Lifetimes")]),
    .target(name: "AdjointNN", dependencies: ["Adjoint"], swiftSettings: strict),
    .target(
      name: "AdjointData", dependencies: ["Adjoint"], resources: [.copy("Digits")],
      swiftSettings: strict),
    .target(
      name: "AdjointTraining", dependencies: ["Adjoint", "AdjointNN", "AdjointData"],
      swiftSettings: strict),
    .target(name: "AdjointCheck", dependencies: ["Adjoint", "AdjointNN"], swiftSettings: strict),
    .target(
      name: "AdjointTesting", dependencies: ["AdjointCheck"], swiftSettings: strict),
    .target(name: "AdjointXCTest", dependencies: ["AdjointCheck"], swiftSettings: strict),
    .executableTarget(
      name: "TapeFromScratch", path: "Examples/1-TapeFromScratch", swiftSettings: strict,
      // It imports nothing, and so not the library that square roots are in.
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .executableTarget(
      name: "FirstGradient", dependencies: ["Adjoint"], path: "Examples/2-FirstGradient",
      swiftSettings: strict),
    .executableTarget(
      name: "CustomLayer", dependencies: ["Adjoint", "AdjointNN", "AdjointCheck"],
      path: "Examples/3-CustomLayer", swiftSettings: strict),
    .executableTarget(
      name: "digits",
      dependencies: ["Adjoint", "AdjointNN", "AdjointCheck", "AdjointData", "AdjointTraining"],
      path: "Examples/4-Digits", swiftSettings: strict),
    .executableTarget(
      name: "checker-score", dependencies: ["Adjoint", "AdjointCheck", "WrongGradients"],
      path: "Examples/5-CheckerScore", swiftSettings: strict),
    .executableTarget(
      name: "clothes",
      dependencies: ["Adjoint", "AdjointNN", "AdjointData", "AdjointTraining", "ExampleSupport"],
      path: "Examples/6-FashionMNIST", swiftSettings: strict),
    .executableTarget(
      name: "regression",
      dependencies: ["Adjoint", "AdjointNN", "AdjointData", "AdjointTraining", "ExampleSupport"],
      path: "Examples/7-Regression", resources: [.copy("cars.csv")], swiftSettings: strict),
    .executableTarget(
      name: "resnet",
      dependencies: ["Adjoint", "AdjointNN", "AdjointData", "AdjointTraining", "ExampleSupport"],
      path: "Examples/8-ResNet", swiftSettings: strict),
    .target(
      name: "ClaimExperiments",
      dependencies: ["Adjoint", "AdjointNN", "AdjointData", "AdjointTraining"],
      path: "Examples/9-Claims", exclude: ["Command", "quick.baseline.json", "full.avx2.json"],
      swiftSettings: strict),
    .executableTarget(
      name: "claims", dependencies: ["ClaimExperiments", "AdjointData", "ExampleSupport"],
      path: "Examples/9-Claims/Command", swiftSettings: strict),
    .executableTarget(
      name: "pytorch-weights",
      dependencies: ["Adjoint", "AdjointNN", "AdjointData", "AdjointTraining", "ExampleSupport"],
      path: "Examples/10-PyTorchWeights", exclude: ["make.py"],
      resources: [.copy("digits.safetensors")], swiftSettings: strict),
    .target(name: "ExampleSupport", path: "Examples/Support", swiftSettings: strict),
    .executableTarget(
      name: "bench", dependencies: ["Adjoint", "AdjointNN"], path: "Examples/Benchmark",
      exclude: ["compare"],
      swiftSettings: strict),
    .target(
      name: "WrongGradients", dependencies: ["Adjoint", "AdjointNN", "AdjointCheck"],
      path: "Tests/WrongGradients", swiftSettings: strict),
    .target(
      name: "AdjointFixtures", dependencies: ["Adjoint", "AdjointData"],
      path: "Tests/AdjointFixtures",
      resources: [.copy("Data")], swiftSettings: strict),
    // What holds this package against results of other systems: for the tests, and as a command.
    .target(
      name: "AdjointConformance", dependencies: ["Adjoint", "AdjointNN", "AdjointFixtures"],
      path: "Tests/AdjointConformance", swiftSettings: strict),
    .executableTarget(
      name: "conformance", dependencies: ["AdjointConformance"], path: "Tests/ConformanceCommand",
      swiftSettings: strict),
    .testTarget(
      name: "AdjointTests",
      dependencies: [
        "Adjoint", "AdjointKernels", "AdjointNN", "AdjointCheck", "AdjointFixtures",
        "AdjointConformance",
      ]),
    .testTarget(
      name: "AdjointCheckTests",
      dependencies: [
        "Adjoint", "AdjointNN", "AdjointCheck", "AdjointTesting", "AdjointXCTest", "WrongGradients",
      ]),
    .testTarget(
      name: "AdjointNNTests",
      dependencies: ["Adjoint", "AdjointNN", "AdjointCheck", "AdjointData", "AdjointFixtures"]),
    .testTarget(
      name: "AdjointDataTests", dependencies: ["Adjoint", "AdjointData", "AdjointFixtures"]),
    .testTarget(
      name: "AdjointTrainingTests",
      dependencies: ["Adjoint", "AdjointNN", "AdjointData", "AdjointTraining", "AdjointFixtures"]),
    .testTarget(
      name: "ClaimTests",
      dependencies: [
        "ClaimExperiments", "Adjoint", "AdjointNN", "AdjointData", "AdjointTraining",
        "AdjointFixtures",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
