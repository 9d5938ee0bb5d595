import Foundation

/// The table that ships with this example.
enum Cars {
  static var file: URL {
    Bundle.module.url(forResource: "cars", withExtension: "csv") ?? URL(filePath: "cars.csv")
  }
}
