/// An operation whose results are elements of its operands: nothing is computed that could be rounded.
package protocol UnroundedOperation: Operation {}
