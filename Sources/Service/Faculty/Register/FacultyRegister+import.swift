// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Store

extension FacultyRegister {
    /// Says what importing the file would come to; writes nothing.
    package func plan(_ file: ImportFile) async throws -> ImportPlan {
        try await store.read { transaction in
            ImportPlan(file, taken: try TakenKeys(of: file.rows.map(\.entry), in: transaction))
        }
    }

    /// Adds everybody in the file, or, where there is a problem, nobody: in one transaction, so that screens show all of
    /// them at once. `onProgress` is given how many are written, on the writer's thread.
    @discardableResult
    package func importing(
        _ file: ImportFile, onProgress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> Store.Committed<ImportPlan> {
        try await store.write { transaction in
            let plan = ImportPlan(file, taken: try TakenKeys(of: file.rows.map(\.entry), in: transaction))
            guard plan.problems.isEmpty else { return plan }
            try FacultyRepository(transaction).add(
                plan.additions.map { .init(id: $0.id, profile: $0.profile, beacon: $0.beacon) }, onProgress: onProgress)
            return plan
        }
    }
}
