// What this teaches: tensors, the tape and its listing, gradients, and derivatives of derivatives.
//
//     swift run FirstGradient

import Adjoint

require(CommandLine.arguments.count == 1, "FirstGradient: takes no options")

// A tape records what is computed from the tensors that it watches.
let tape = Tape()
let x = tape.watch(Tensor([1, 2, 3]))
let y = (x * x).sum()
let dx = tape.gradients(of: y, with: [x])[0]  // [2, 4, 6]
print(tape)  // the listing: number, operation, operands, type
print("\ngradient of the sum of squares:", dx)

// Where no tape is needed by name, functions are differentiated as they are.
let g = gradient(at: Tensor([0.5, 1.5])) { x in (x.sin() * x).sum() }
print("\ngradient of Σ x·sin x:", g)

// Gradients can be differentiated again: here the Hessian of x₀²·x₁ at (1, 2).
let h = hessian(at: Tensor([1, 2])) { x in x[0] * x[0] * x[1] }
print("\nHessian of x₀²·x₁:", h)

// What is used several times adds up, and what is detached counts as a constant.
let both = gradient(at: Tensor(3)) { x in x * x }
let one = gradient(at: Tensor(3)) { x in x * x.detached }
print("\nd(x·x)/dx at 3: \(Float(both)), with one x detached: \(Float(one))")

// The same tape as a graph: swift run FirstGradient | sed -n '/^digraph/,$p' | dot -Tsvg > tape.svg
print("\n" + tape.graphviz)
