import Testing

@testable import Adjoint

@Suite("Whom a message is said by")
struct StopPlaceTests {
  @Test("A function speaks for what it is made of, and not for the environment")
  func names() {
    speaking(as: "Conv2D") {
      #expect(StopPlace.completed("convolution: no images") == "Conv2D: no images")
      for message in ["ADJOINT_ISA: none is none", "no name: at all"] {
        #expect(StopPlace.completed(message) == message)
      }
    }
    #expect(StopPlace.completed("convolution: no images") == "convolution: no images")
  }
}
