/// The number of a job, how many more helpers may join it, and how many of its pieces no one has taken:
/// in one word, which changes as a whole.
struct Ticket {
  private static let pieceBits = 16
  private static let seatBits = 12
  private static let seat = UInt64(1) << pieceBits

  static let none = Ticket(0)
  static let mostPieces = 1 << pieceBits - 1
  private static let mostSeats = 1 << seatBits - 1

  let bits: UInt64

  init(_ bits: UInt64) { self.bits = bits }

  var pieces: Int { Int(bits & (Ticket.seat - 1)) }
  var job: UInt64 { bits >> UInt64(Ticket.pieceBits + Ticket.seatBits) }
  private var seats: Int { Int(bits >> UInt64(Ticket.pieceBits)) & Ticket.mostSeats }

  /// That of the next job.
  func next(pieces: Int, seats: Int) -> Ticket {
    let free = UInt64(min(seats, Ticket.mostSeats))
    let job = (job + 1) << UInt64(Ticket.seatBits)
    return Ticket((job | free) << UInt64(Ticket.pieceBits) | UInt64(pieces))
  }

  /// After a piece has been taken: the one with the number of pieces that are left.
  var taken: Ticket? { pieces > 0 ? Ticket(bits - 1) : nil }

  /// After a helper has joined and taken a piece.
  var joined: Ticket? { seats > 0 ? taken.map { Ticket($0.bits - Ticket.seat) } : nil }
}
