// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Service

extension Board {
    /// A subscription, and a stream that yields at once and after each wake, for a task that follows the board.
    package func follow(
        department: String? = nil, after tag: RevisionTag?
    ) -> (subscription: BoardSubscription, wakes: AsyncStream<Void>) {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        wake.yield()
        return (subscribe(department: department, after: tag) { wake.yield() }, wakes)
    }
}
