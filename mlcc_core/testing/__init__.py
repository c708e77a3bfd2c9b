"""Tools for plugin authors: fakes of every kind of plugin, and contract suites to subclass.

* :mod:`mlcc_core.testing.technique`, :mod:`~mlcc_core.testing.source` and
  :mod:`~mlcc_core.testing.platform` hold ``FakeTechnique``, ``FakeSource`` and ``FakePlatform``:
  whole implementations that keep everything in memory and need no pytest.
* :mod:`mlcc_core.testing.contracts` holds ``TechniqueContract``, ``SourceContract`` and
  ``PlatformContract``: pytest classes. Subclass one, give its fixture, and your plugin is held to
  what the framework relies on. The built-in plugins pass the same suites.
"""
